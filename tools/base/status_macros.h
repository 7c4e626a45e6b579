#ifndef TOOLS_BASE_STATUS_MACROS_H_
#define TOOLS_BASE_STATUS_MACROS_H_

#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

// Early return on error, for functions that return absl::Status or
// absl::StatusOr<T>.
//
//   RETURN_IF_ERROR(Validate(spec));
//   ASSIGN_OR_RETURN(const std::string text, ReadFile(path));
#define RETURN_IF_ERROR(expr)                                  \
  do {                                                         \
    ::absl::Status status_macro_status = (expr);               \
    if (!status_macro_status.ok()) return status_macro_status; \
  } while (false)

#define ASSIGN_OR_RETURN(lhs, expr) \
  ASSIGN_OR_RETURN_IMPL_(STATUS_MACRO_CONCAT_(status_or_, __LINE__), lhs, expr)

#define ASSIGN_OR_RETURN_IMPL_(var, lhs, expr) \
  auto var = (expr);                           \
  if (!var.ok()) return var.status();          \
  lhs = std::move(var).value()

#define STATUS_MACRO_CONCAT_INNER_(a, b) a##b
#define STATUS_MACRO_CONCAT_(a, b) STATUS_MACRO_CONCAT_INNER_(a, b)

// The same in tests.
#define ASSERT_OK(expr)                               \
  do {                                                \
    const ::absl::Status status_macro_status = (expr); \
    ASSERT_TRUE(status_macro_status.ok()) << status_macro_status; \
  } while (false)

#define EXPECT_OK(expr) EXPECT_EQ(::absl::OkStatus(), (expr))

#define ASSERT_OK_AND_ASSIGN(lhs, expr)                             \
  ASSERT_OK_AND_ASSIGN_IMPL_(STATUS_MACRO_CONCAT_(status_or_, __LINE__), lhs, \
                             expr)

#define ASSERT_OK_AND_ASSIGN_IMPL_(var, lhs, expr) \
  auto var = (expr);                               \
  ASSERT_TRUE(var.ok()) << var.status();           \
  lhs = std::move(var).value()

#endif  // TOOLS_BASE_STATUS_MACROS_H_
