#include "serve/api/auth.h"

#include <algorithm>
#include <utility>

#include "base/text.h"
#include "serve/api/reply.h"

namespace saker::serve {
namespace {

bool has_secret(std::string_view given, std::string_view secret) {
  return !secret.empty() && same_secret(given, secret);
}

bool allows_origin(const ApiOptions& options, std::string_view origin) {
  return std::ranges::any_of(options.cors_origins, [&](const auto& one) { return one == "*" || one == origin; });
}

// A page of another site that the user's browser shows can send requests, too, though not read the answers.
bool from_another_site(const ApiOptions& options, const HttpRequest& request) {
  const std::string* origin = request.header("Origin");
  if (origin == nullptr || allows_origin(options, *origin)) return false;
  const std::string* host = request.header("Host");
  const std::size_t scheme = origin->find("://");
  return host == nullptr || scheme == std::string::npos || lower_case(origin->substr(scheme + 3)) != lower_case(*host);
}

std::optional<Denial> check_admin(const ApiOptions& options, const HttpRequest& request) {
  if (from_another_site(options, request)) {
    return Denial{false, "pages of other sites may not load and unload models"};
  }
  if (options.admin_open) return check_token(options, token_of(request));
  if (options.admin_token.empty()) {
    return Denial{false, "loading and unloading is off; it needs `admin_token`, or `admin_open`"};
  }
  const std::string_view given = token_of(request);
  if (given.empty()) return Denial{true, "an admin's token is needed: Authorization: Bearer TOKEN"};
  if (!has_secret(given, options.admin_token)) return Denial{false, "this token may not load and unload models"};
  return std::nullopt;
}

}  // namespace

void LiveOptions::set_tokens(std::string token, std::string admin_token) {
  const std::lock_guard lock(mutex_);
  auto changed = std::make_shared<ApiOptions>(*now_);
  changed->token = std::move(token);
  changed->admin_token = std::move(admin_token);
  now_ = std::move(changed);
}

bool same_secret(std::string_view given, std::string_view secret) {
  unsigned different = given.size() == secret.size() ? 0 : 1;
  for (std::size_t i = 0; i < given.size(); ++i) {
    const char other = secret.empty() ? '\0' : secret[i % secret.size()];
    different |= static_cast<unsigned char>(given[i]) ^ static_cast<unsigned char>(other);
  }
  return different == 0;
}

std::string_view token_of(const HttpRequest& request) {
  if (const std::string* header = request.header("Authorization")) {
    constexpr std::string_view kScheme = "bearer ";
    if (lower_case(std::string_view(*header).substr(0, kScheme.size())) == kScheme) {
      return trimmed(std::string_view(*header).substr(kScheme.size()));
    }
  }
  const std::string* key = request.header("X-Api-Key");
  return key == nullptr ? std::string_view() : trimmed(*key);
}

std::optional<Denial> check_token(const ApiOptions& options, std::string_view given) {
  if (options.token.empty()) return std::nullopt;
  if (given.empty()) return Denial{true, "a token is needed: Authorization: Bearer TOKEN"};
  if (has_secret(given, options.token) || has_secret(given, options.admin_token)) return std::nullopt;
  return Denial{false, "the token is wrong"};
}

std::optional<Denial> check_access(const ApiOptions& options, const HttpRequest& request, Access access) {
  switch (access) {
    case Access::kOpen:
      return std::nullopt;
    case Access::kToken:
      return check_token(options, token_of(request));
    case Access::kAdmin:
      break;
  }
  return check_admin(options, request);
}

HttpResponse denial_response(const Denial& denial) {
  HttpResponse response = error_response(denial.no_token ? 401 : 403, denial.message);
  if (denial.no_token) response.headers.emplace_back("WWW-Authenticate", "Bearer realm=\"saker\"");
  return response;
}

Headers cors_headers(const ApiOptions& options, const HttpRequest& request) {
  if (options.cors_origins.empty()) return {};
  Headers headers = {{"Vary", "Origin"}};
  const std::string* origin = request.header("Origin");
  if (origin == nullptr || !allows_origin(options, *origin)) return headers;
  headers.emplace_back("Access-Control-Allow-Origin", *origin);
  headers.emplace_back("Access-Control-Expose-Headers", "Retry-After, X-Request-Id, Inference-Header-Content-Length");
  return headers;
}

}  // namespace saker::serve
