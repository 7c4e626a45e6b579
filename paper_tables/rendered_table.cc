#include "paper_tables/rendered_table.h"

namespace anisograd {

std::string MarksNote() {
  return "Marks: = match, ~ close, ≠ differs, * not comparable (stand-in or "
         "reduced scale). Tolerances and their reasons: "
         "paper_tables/tolerances.textproto.";
}

}  // namespace anisograd
