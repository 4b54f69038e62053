// Who may ask: tokens in the headers of a request.
#pragma once

#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>

#include "serve/api/route.h"

namespace saker::serve {

// Options of which the tokens change while requests come. Thread-safe.
class LiveOptions {
 public:
  explicit LiveOptions(const ApiOptions& options) : now_(std::make_shared<const ApiOptions>(options)) {}
  std::shared_ptr<const ApiOptions> get() const {
    const std::lock_guard lock(mutex_);
    return now_;
  }
  void set_tokens(std::string token, std::string admin_token);

 private:
  mutable std::mutex mutex_;
  std::shared_ptr<const ApiOptions> now_;
};

// In a time that depends on the lengths alone.
bool same_secret(std::string_view given, std::string_view secret);

// What "Authorization: Bearer TOKEN" or "X-Api-Key: TOKEN" give; empty: neither.
std::string_view token_of(const HttpRequest& request);

// Why a request may not do what it asks for.
struct Denial {
  bool no_token = false;  // HTTP 401; else there is one that is not enough: 403
  std::string message;
};

// Nothing: it may. The admin's token opens all.
std::optional<Denial> check_access(const ApiOptions& options, const HttpRequest& request, Access access);
// The same, with a token that came otherwise, as DeepStack's api_key does.
std::optional<Denial> check_token(const ApiOptions& options, std::string_view given);
HttpResponse denial_response(const Denial& denial);

// The headers that let a page of another origin read the answer; none: it may not, or asks from nowhere else.
Headers cors_headers(const ApiOptions& options, const HttpRequest& request);

}  // namespace saker::serve
