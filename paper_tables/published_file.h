#ifndef PAPER_TABLES_PUBLISHED_FILE_H_
#define PAPER_TABLES_PUBLISHED_FILE_H_

#include <string>

#include "absl/status/statusor.h"
#include "paper_tables/row.h"

namespace anisograd {

// Reads PublishedNumbers and Tolerances in text form. Errors name file and line,
// also those of Published::Create.
absl::StatusOr<Published> ReadPublished(const std::string& numbers_path,
                                        const std::string& tolerances_path);

}  // namespace anisograd

#endif  // PAPER_TABLES_PUBLISHED_FILE_H_
