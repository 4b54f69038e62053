#include "serve/api/target.h"

#include <gtest/gtest.h>

#include <fmt/format.h>

namespace saker::serve {
namespace {

Target target(std::string_view text) {
  Outcome<Target> parsed = parse_target(text);
  if (const auto* refusal = std::get_if<Refusal>(&parsed)) {
    ADD_FAILURE() << text << ": " << refusal->message;
    return {};
  }
  return std::get<Target>(parsed);
}

std::string refused(std::string_view text) {
  const Outcome<Target> parsed = parse_target(text);
  const auto* refusal = std::get_if<Refusal>(&parsed);
  if (refusal == nullptr) return "taken";
  EXPECT_EQ(refusal->reason, Reason::kBadRequest);
  return refusal->message;
}

TEST(Target, IsTakenApartBeforeItIsDecoded) {
  const Target one = target("/v1/models/a%2Fb/detect?conf=0.5&label=no+entry%26more&flag");
  EXPECT_EQ(one.path, "/v1/models/a%2Fb/detect");
  EXPECT_EQ(one.segments, (std::vector<std::string>{"v1", "models", "a/b", "detect"}));
  EXPECT_EQ(one.query, (Query{{"conf", "0.5"}, {"label", "no entry&more"}, {"flag", ""}}));
  EXPECT_EQ(target("/a+b").segments[0], "a+b") << "a plus is a space in queries alone";
  EXPECT_EQ(target("/").segments, std::vector<std::string>{""});
  EXPECT_EQ(target("/a//b/").segments, (std::vector<std::string>{"a", "", "b", ""}));
  EXPECT_EQ(target("/x?&&a=1&").query, (Query{{"a", "1"}}));
  EXPECT_EQ(target("/x?a=b=c").query, (Query{{"a", "b=c"}}));
}

TEST(Target, AlsoComesWithItsHost) {
  EXPECT_EQ(target("http://localhost:8080/v2?x=1").path, "/v2");
  EXPECT_EQ(target("HTTPS://h").path, "/");
  EXPECT_EQ(target("http://h?x=1").query, (Query{{"x", "1"}}));
  EXPECT_EQ(target("*").path, "*");
  EXPECT_EQ(target("/a#b?c").path, "/a");
}

TEST(Target, WhatIsNoTextIsRefusedByName) {
  for (const char* bad : {"/a%", "/a%2", "/a%zz", "/%00", "/a%0d%0aSet-Cookie:x", "/%7f", "/a?b=%g0", "/a?%=1"}) {
    EXPECT_NE(refused(bad).find("percent-encoded"), std::string::npos) << bad << ": " << refused(bad);
  }
  EXPECT_EQ(refused(""), "taken");
  EXPECT_NE(refused("v1"), "taken");
  EXPECT_NE(refused("/a?b=1&b=2").find("`b`"), std::string::npos);
  std::string many = "/a?";
  for (int i = 0; i < 65; ++i) many += fmt::format("n{}=1&", i);
  EXPECT_NE(refused(many).find("more than 64"), std::string::npos);
}

}  // namespace
}  // namespace saker::serve
