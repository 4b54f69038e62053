#include "serve/web/web_files.h"

#include <gtest/gtest.h>

#include <fstream>
#include <iterator>
#include <regex>
#include <set>
#include <string>

namespace saker::serve {
namespace {

std::string text_of(const WebFile& file) {
  return std::string(file.body);
}

TEST(WebFiles, HoldWhatTheFilesHold) {
  ASSERT_GE(web_files().size(), 6U);
  for (const WebFile& file : web_files()) {
    const std::string name = file.path == "/" ? "/index.html" : std::string(file.path);
    std::ifstream stream("src/serve/web/page" + name, std::ios::binary);
    ASSERT_TRUE(stream) << name;
    EXPECT_TRUE(text_of(file) == std::string(std::istreambuf_iterator<char>(stream), {})) << name;
  }
}

TEST(WebFiles, AreFoundByTheirPathsOnly) {
  ASSERT_NE(web_file("/"), nullptr);
  EXPECT_EQ(web_file("/")->content_type, "text/html; charset=utf-8");
  ASSERT_NE(web_file("/page.js"), nullptr);
  EXPECT_EQ(web_file("/page.js")->content_type, "text/javascript; charset=utf-8");
  for (const char* path : {"", "page.js", "/page.js/", "//page.js", "/../page.js", "/index.html?", "/nothing"}) {
    EXPECT_EQ(web_file(path), nullptr) << path;
  }
}

TEST(WebFiles, HaveAnEtagEach) {
  std::set<std::string_view> seen;
  for (const WebFile& file : web_files()) {
    EXPECT_TRUE(std::regex_match(std::string(file.etag), std::regex("\"[0-9a-f]{20}\""))) << file.etag;
    EXPECT_TRUE(seen.insert(file.etag).second) << file.path;
  }
}

// What the policy would refuse, or what would leave the server.
TEST(WebFiles, AskNobodyElseAndHaveNothingInline) {
  const std::regex outside("(https?:)?//[A-Za-z0-9.-]+\\.[a-z]{2,}[^\\s\"'`]*");
  const std::regex inlined(
      "<script>|<style|\\son[a-z]+\\s*=\\s*[\"']|\\sstyle\\s*=\\s*[\"']|javascript:|\\beval\\(|@import");
  for (const WebFile& file : web_files()) {
    const std::string text = std::regex_replace(text_of(file), std::regex("http://www\\.w3\\.org/[A-Za-z0-9/]+"), "");
    std::smatch match;
    EXPECT_FALSE(std::regex_search(text, match, outside)) << file.path << ": " << match.str();
    EXPECT_FALSE(std::regex_search(text, match, inlined)) << file.path << ": " << match.str();
  }
}

// Relative, so that the page works behind a proxy that puts a prefix before the paths.
TEST(WebFiles, ReferToEachOtherByRelativePaths) {
  const std::set<std::string> answered = {"/openapi.json", "/metrics"};  // by the server itself
  const std::regex reference("(?:href|src)=\"([^\"#]+)\"|from '([^']+)'");
  int found = 0;
  for (const WebFile& file : web_files()) {
    const std::string text = text_of(file);
    for (std::sregex_iterator it(text.begin(), text.end(), reference), end; it != end; ++it) {
      std::string target = (*it)[1].matched ? (*it)[1].str() : (*it)[2].str();
      if (target.starts_with("./")) target.erase(0, 2);
      EXPECT_FALSE(target.starts_with("/")) << file.path << ": " << target;
      EXPECT_TRUE(web_file("/" + target) != nullptr || answered.contains("/" + target)) << file.path << ": " << target;
      ++found;
    }
  }
  EXPECT_GE(found, 8);
}

}  // namespace
}  // namespace saker::serve
