#include "paper_tables/rendered_table.h"

namespace anisograd {

std::string MethodTitle(const std::string& method) {
  if (method == "sgd") return "SGD";
  if (method == "adagrad") return "AdaGrad";
  if (method == "adagrad_norm") return "AdaGrad-Norm";
  if (method == "adam") return "Adam";
  return method;
}

std::string MarksNote() {
  return "Marks: = match, ~ close, ≠ differs, * not comparable (stand-in data "
         "or reduced scale). Tolerances and their reasons: "
         "paper_tables/tolerances.textproto.";
}

}  // namespace anisograd
