#include "serve/api/auth.h"

#include <gtest/gtest.h>

namespace saker::serve {
namespace {

HttpRequest with(Headers headers) {
  HttpRequest request;
  request.headers = std::move(headers);
  return request;
}

int status(const ApiOptions& options, Access access, Headers headers) {
  const auto refused = check_access(options, with(std::move(headers)), access);
  return refused ? denial_response(*refused).status : 200;
}

TEST(Auth, SecretsAreEqualOrNot) {
  EXPECT_TRUE(same_secret("abc", "abc"));
  for (const char* other : {"", "ab", "abcd", "abd", "abcabc"}) EXPECT_FALSE(same_secret(other, "abc")) << other;
  EXPECT_FALSE(same_secret("a", ""));
}

TEST(Auth, WithoutATokenEverybodyMayAsk) {
  EXPECT_EQ(status({}, Access::kToken, {}), 200);
  EXPECT_EQ(status({}, Access::kToken, {{"Authorization", "Bearer anything"}}), 200);
}

TEST(Auth, ATokenIsAskedForAndCompared) {
  ApiOptions options;
  options.token = "user";
  options.admin_token = "admin";
  EXPECT_EQ(status(options, Access::kOpen, {}), 200);
  EXPECT_EQ(status(options, Access::kToken, {}), 401);
  EXPECT_EQ(status(options, Access::kToken, {{"Authorization", "Basic dXNlcg=="}}), 401);
  EXPECT_EQ(status(options, Access::kToken, {{"Authorization", "Bearer users"}}), 403);
  EXPECT_EQ(status(options, Access::kToken, {{"authorization", "bearer  user "}}), 200);
  EXPECT_EQ(status(options, Access::kToken, {{"X-API-Key", "user"}}), 200);
  EXPECT_EQ(status(options, Access::kToken, {{"X-API-Key", "admin"}}), 200) << "the admin may do what users may";
  const auto refused = check_access(options, with({}), Access::kToken);
  ASSERT_TRUE(refused);
  EXPECT_EQ(denial_response(*refused).headers[0].first, "WWW-Authenticate");
}

TEST(Auth, LoadingIsForAdminsAlone) {
  ApiOptions options;
  EXPECT_EQ(status(options, Access::kAdmin, {}), 403) << "off unless it is switched on";
  options.admin_token = "admin";
  EXPECT_EQ(status(options, Access::kAdmin, {}), 401);
  options.token = "user";
  EXPECT_EQ(status(options, Access::kAdmin, {{"X-Api-Key", "user"}}), 403);
  EXPECT_EQ(status(options, Access::kAdmin, {{"X-Api-Key", "admin"}}), 200);
  options.admin_open = true;
  EXPECT_EQ(status(options, Access::kAdmin, {}), 401);
  EXPECT_EQ(status(options, Access::kAdmin, {{"X-Api-Key", "user"}}), 200);
}

// A page that a user looks at could unload models of a server on the same machine.
TEST(Auth, PagesOfOtherSitesMayNotLoad) {
  ApiOptions options;
  options.admin_open = true;
  EXPECT_EQ(status(options, Access::kAdmin, {{"Host", "localhost:8080"}, {"Origin", "https://evil.example"}}), 403);
  EXPECT_EQ(status(options, Access::kAdmin, {{"Host", "localhost:8080"}, {"Origin", "null"}}), 403);
  EXPECT_EQ(status(options, Access::kAdmin, {{"Host", "localhost:8080"}, {"Origin", "http://localhost:8080"}}), 200);
  options.cors_origins = {"https://good.example"};
  EXPECT_EQ(status(options, Access::kAdmin, {{"Host", "h"}, {"Origin", "https://good.example"}}), 200);
}

TEST(Auth, PagesOfAllowedOriginsMayRead) {
  ApiOptions options;
  EXPECT_TRUE(cors_headers(options, with({{"Origin", "https://a.example"}})).empty());
  options.cors_origins = {"https://a.example"};
  EXPECT_EQ(cors_headers(options, with({{"Origin", "https://a.example"}}))[1].second, "https://a.example");
  EXPECT_EQ(cors_headers(options, with({{"Origin", "https://a.example.evil"}})).size(), 1U) << "only Vary";
}

}  // namespace
}  // namespace saker::serve
