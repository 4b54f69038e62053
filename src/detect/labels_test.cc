// Labels from metadata, text files and data.yaml; hostile input included.
#include "detect/labels.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

namespace saker {
namespace {

using Labels = std::vector<std::string>;

TEST(PythonNames, DictsAndLists) {
  EXPECT_EQ(*parse_python_names("{0: 'person', 1: \"kid's bike\", 2: 'a \"b\"'}"),
            (Labels{"person", "kid's bike", "a \"b\""}));
  EXPECT_EQ(*parse_python_names("['a', 'b',]"), (Labels{"a", "b"}));
  EXPECT_EQ(*parse_python_names(" { 1 : 'b' , 0 : 'a' } "), (Labels{"a", "b"}));
  EXPECT_EQ(*parse_python_names("{\"0\": \"a\", \"1\": \"b\"}"), (Labels{"a", "b"}));
  EXPECT_EQ(*parse_python_names("{2: 'c'}"), (Labels{"0", "1", "c"}));
  EXPECT_EQ(*parse_python_names("{}"), Labels{});
}

TEST(PythonNames, Escapes) {
  EXPECT_EQ((*parse_python_names(R"({0: 'it\'s', 1: '\\', 2: '\x41\u00e9\U0001F600', 3: 'a\nb'})")),
            (Labels{"it's", "\\", "A\xC3\xA9\xF0\x9F\x98\x80", "a b"}));
  EXPECT_EQ((*parse_python_names(R"(['\ud800', '\U7fffffff', '\x1b[31m'])")),
            (Labels{"\xEF\xBF\xBD", "\xEF\xBF\xBD", " [31m"}));
}

TEST(PythonNames, HostileTextsAreRefused) {
  for (const char* text : {"",
                           "{",
                           "[",
                           "{0",
                           "{0:",
                           "{0: ",
                           "{0: 'a",
                           "{0: 'a'",
                           "{0: 'a',",
                           "{0: 'a'} x",
                           "{-1: 'a'}",
                           "{0 'a'}",
                           "{99999999999999999999: 'a'}",
                           "{10000: 'a'}",
                           "{: 'a'}",
                           "{0: a}",
                           "{0: 1}",
                           "{0: ['a']}",
                           "{'0\": 'a'}",
                           "['a' 'b']",
                           "['a\\",
                           "['\\x4']",
                           "['\\u12",
                           "['\\uzzzz']",
                           "person",
                           "None",
                           "{{0: 'a'}}",
                           "[,]"}) {
    EXPECT_FALSE(parse_python_names(text).ok()) << text;
  }
  EXPECT_EQ(parse_python_names(std::string(std::size_t{2} << 20, '[')).error().code, ErrorCode::kLimit);
  std::string many = "[";
  for (int i = 0; i < 20000; ++i) many += "'a',";
  EXPECT_FALSE(parse_python_names(many + "]").ok());
}

TEST(Labels, Coco80) {
  ASSERT_EQ(coco80_labels().size(), 80U);
  EXPECT_EQ(coco80_labels()[0], "person");
  EXPECT_EQ(coco80_labels()[39], "bottle");
  EXPECT_EQ(coco80_labels()[79], "toothbrush");
}

TEST(Labels, PaddedWithNumbers) {
  Labels labels = {"a"};
  pad_labels(labels, 3);
  EXPECT_EQ(labels, (Labels{"a", "1", "2"}));
  pad_labels(labels, 2);
  EXPECT_EQ(labels.size(), 3U);
}

class LabelFiles : public ::testing::Test {
 protected:
  void SetUp() override {
    const auto* info = ::testing::UnitTest::GetInstance()->current_test_info();
    folder_ = std::filesystem::temp_directory_path() / (std::string("saker_labels_") + info->name());
    std::filesystem::create_directories(folder_);
  }
  void TearDown() override { std::filesystem::remove_all(folder_); }

  Result<Labels> read(const std::string& name, const std::string& text) {
    const std::string path = (folder_ / name).string();
    std::ofstream(path, std::ios::binary) << text;
    return read_labels(path);
  }

  std::filesystem::path folder_;
};

TEST_F(LabelFiles, TextLines) {
  EXPECT_EQ(*read("a.txt", "person\ntraffic light\n"), (Labels{"person", "traffic light"}));
  EXPECT_EQ(*read("b.names", "\xEF\xBB\xBFone\r\n two \r\n\r\n"), (Labels{"one", "two"}));
  EXPECT_EQ(*read("c.txt", "a\x1b[2J"), Labels{"a [2J"});
  EXPECT_FALSE(read("d.txt", "").ok());
  EXPECT_FALSE(read("e.txt", "\n \n").ok());
  const auto gap = read("f.txt", "a\n\nb\n");
  ASSERT_FALSE(gap.ok());
  EXPECT_NE(gap.error().message.find("line 2"), std::string::npos);
}

TEST_F(LabelFiles, DataYaml) {
  EXPECT_EQ(*read("a.yaml", "train: x\nnc: 2\nnames: ['a', \"b c\"]\n"), (Labels{"a", "b c"}));
  EXPECT_EQ(*read("b.yml", "names:\n  0: person\n  2: 7\n"), (Labels{"person", "1", "7"}));
  EXPECT_EQ(*read("c.YAML", "names:\n  - no\n  - 1.5\n"), (Labels{"no", "1.5"}));
}

TEST_F(LabelFiles, HostileYamlIsRefused) {
  const std::string deep(200000, '[');
  for (const std::string& text :
       {std::string("nc: 2"), std::string("names: 3"), std::string("names: []"), std::string("names: {a: b}"),
        std::string("names: {-1: b}"), std::string("names: {10000: b}"), std::string("names: [[a]]"),
        std::string("names: {0: [a]}"), std::string("- a"), std::string(""), std::string("names: [a"),
        std::string("names: *x"), std::string("\x01\x02"), "names: " + deep}) {
    EXPECT_FALSE(read("a.yaml", text).ok()) << text.substr(0, 40);
  }
}

TEST_F(LabelFiles, MissingAndOversizedFiles) {
  EXPECT_EQ(read_labels((folder_ / "none.txt").string()).error().code, ErrorCode::kNotFound);
  EXPECT_EQ(read("big.txt", std::string(std::size_t{5} << 20, 'a')).error().code, ErrorCode::kLimit);
  EXPECT_FALSE(read_labels(folder_.string()).ok());
}

}  // namespace
}  // namespace saker
