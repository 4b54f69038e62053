// Refusals as gRPC has them.
#pragma once

#include <grpcpp/support/status.h>

#include <optional>

#include "serve/api/auth.h"
#include "serve/refusal.h"

namespace saker::serve {

grpc::Status status_of(const Refusal& refusal);
grpc::Status status_of(const Denial& denial);

// "NOT_FOUND"
const char* code_name(grpc::StatusCode code);

// After how many milliseconds coming again may help, for `grpc-retry-pushback-ms`, which gRPC's own clients heed.
// Nothing: it will not.
std::optional<int> retry_after_ms(const Refusal& refusal);

}  // namespace saker::serve
