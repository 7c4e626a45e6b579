#ifndef PAPER_TABLES_FINE_TUNING_TABLE_H_
#define PAPER_TABLES_FINE_TUNING_TABLE_H_

#include "analysis/gpt2/fine_tuning.h"
#include "paper_tables/recorded_run.h"
#include "paper_tables/rendered_table.h"

namespace anisograd {

// Table 4: training loss of GPT-2 on Alpaca per method and batch size, with the
// learning rate that was selected. Title and notes say what is reduced, what
// stood in and what was recorded elsewhere. A line of recorded numbers
// (recorded_run.h) stands below those of stand-ins; the CSV has every seed's.
RenderedTable MakeTable4(const FineTuningQuantities& quantities,
                         const Published& published,
                         const RecordedRun& recorded = {});

}  // namespace anisograd

#endif  // PAPER_TABLES_FINE_TUNING_TABLE_H_
