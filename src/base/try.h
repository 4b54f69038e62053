// Propagate errors: SAKER_TRY(status_expr);  SAKER_ASSIGN(auto x, result_expr);
#pragma once

#include <saker/result.h>

#define SAKER_CONCAT_INNER(a, b) a##b
#define SAKER_CONCAT(a, b) SAKER_CONCAT_INNER(a, b)

#define SAKER_TRY(expression) SAKER_TRY_IMPL(SAKER_CONCAT(saker_status_, __COUNTER__), expression)
#define SAKER_TRY_IMPL(temporary, expression)             \
  do {                                                    \
    if (auto temporary = (expression); !temporary.ok()) { \
      return temporary.error();                           \
    }                                                     \
  } while (false)

#define SAKER_ASSIGN(declaration, expression) \
  SAKER_ASSIGN_IMPL(SAKER_CONCAT(saker_result_, __COUNTER__), declaration, expression)
#define SAKER_ASSIGN_IMPL(temporary, declaration, expression) \
  auto temporary = (expression);                              \
  if (!temporary.ok()) return temporary.error();              \
  declaration = std::move(temporary).value()
