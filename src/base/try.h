// Propagate errors: SAKER_TRY(status_expr);  SAKER_ASSIGN(auto x, result_expr);
#pragma once

#include <saker/result.h>

#define SAKER_CONCAT_INNER(a, b) a##b
#define SAKER_CONCAT(a, b) SAKER_CONCAT_INNER(a, b)

#define SAKER_TRY(expression)                                         \
  do {                                                                \
    if (auto saker_status = (expression); !saker_status.ok()) {       \
      return saker_status.error();                                    \
    }                                                                 \
  } while (false)

#define SAKER_ASSIGN(declaration, expression) \
  SAKER_ASSIGN_IMPL(SAKER_CONCAT(saker_result_, __LINE__), declaration, expression)
#define SAKER_ASSIGN_IMPL(temporary, declaration, expression) \
  auto temporary = (expression);                              \
  if (!temporary.ok()) return temporary.error();              \
  declaration = std::move(temporary).value()
