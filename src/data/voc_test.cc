// Pascal VOC folders and files.
#include "data/voc.h"

#include <gtest/gtest.h>

#include <filesystem>

#include "data/dataset.h"
#include "support/test_files.h"

namespace saker {
namespace {

using test::DataFolder;

std::string object(const std::string& name, const std::string& box, const std::string& more = "") {
  return "  <object>\n    <name>" + name + "</name>\n    <bndbox>" + box + "</bndbox>" + more + "\n  </object>\n";
}

std::string corners(double xmin, double ymin, double xmax, double ymax) {
  return "<xmin>" + std::to_string(xmin) + "</xmin><ymin>" + std::to_string(ymin) + "</ymin><xmax>" +
         std::to_string(xmax) + "</xmax><ymax>" + std::to_string(ymax) + "</ymax>";
}

std::string voc(const std::string& file, const std::string& objects, bool with_size = true) {
  return "<annotation>\n  <filename>" + file + "</filename>\n" +
         (with_size ? "  <size><width>40</width><height>20</height><depth>3</depth></size>\n" : "") + objects +
         "</annotation>\n";
}

// Edges counted from 0: detectron2's rule.
TEST(Voc, CornersAreWholePixelsCountedFromOne) {
  const DatasetOptions options;
  BadEntries bad(options);
  const auto picture =
      parse_voc(voc("C:\\x\\a.jpg", object(" dog ", corners(1, 1, 40, 20)) +
                                        object("cat", corners(0, 3, 5, 3), "<difficult>1</difficult>")),
                "a.xml", bad);
  ASSERT_TRUE(picture.ok()) << picture.error().message;
  EXPECT_EQ(picture->file, "a.jpg");
  EXPECT_EQ(picture->width, 40);
  ASSERT_EQ(picture->objects.size(), 2U);
  const VocObject &whole = picture->objects[0], &line = picture->objects[1];
  EXPECT_EQ(whole.name, "dog");
  EXPECT_EQ(whole.x, 0);
  EXPECT_EQ(whole.y, 0);
  EXPECT_EQ(whole.w, 40);
  EXPECT_EQ(whole.h, 20);
  EXPECT_FALSE(whole.difficult);
  EXPECT_EQ(line.x, 0);
  EXPECT_EQ(line.w, 5);
  EXPECT_EQ(line.y, 2);
  EXPECT_EQ(line.h, 1);
  EXPECT_TRUE(line.difficult);
}

TEST(Voc, FoldersAndSplits) {
  for (const bool flat : {false, true}) {
    const DataFolder folder;
    const std::string xml = flat ? "" : "Annotations/", pictures = flat ? "" : "JPEGImages/";
    folder.write(xml + "b.xml", voc("b.jpg", object("zebra", corners(1, 1, 2, 2)) +
                                                 object("ant", corners(1, 1, 4, 4), "<difficult>1</difficult>")));
    folder.write(xml + "a.xml", voc("wrong", "", false));
    folder.write_picture(pictures + "a.png", 7, 5);
    folder.write_picture(pictures + "b.jpg", 40, 20);
    folder.write("ImageSets/Main/val.txt", "a\r\n\n");
    DatasetOptions options;
    options.need_pictures = true;
    const auto data = read_dataset(folder.path(""), options);
    ASSERT_TRUE(data.ok()) << data.error().message;
    ASSERT_EQ(data->pictures.size(), 2U);
    EXPECT_EQ(data->pictures[0].file, "a.png");  // <filename> names nothing: the .xml file's own name counts
    EXPECT_EQ(data->pictures[0].width, 7);       // no <size>: the picture's
    EXPECT_EQ(data->pictures[1].id, 2);
    ASSERT_EQ(data->categories.size(), 2U);
    EXPECT_EQ(data->categories[0].name, "ant");
    EXPECT_EQ(data->categories[0].id, 1);
    ASSERT_EQ(data->annotations.size(), 2U);
    EXPECT_EQ(data->annotations[0].category, 1);
    EXPECT_EQ(data->annotations[0].picture, 1);
    EXPECT_EQ(data->annotations[1].area, 16);
    EXPECT_TRUE(data->annotations[1].crowd);

    options.split = "val";
    const auto split = read_dataset(folder.path(""), options);
    ASSERT_TRUE(split.ok()) << split.error().message;
    EXPECT_EQ(split->pictures.size(), 1U);
    options.split = "test";
    EXPECT_EQ(read_dataset(folder.path(""), options).error().code, ErrorCode::kNotFound);
  }
}

TEST(Voc, NamesStayInTheirFolders) {
  const DataFolder folder;
  folder.write("secret.xml", voc("a.jpg", ""));
  folder.write_picture("set/JPEGImages/a.jpg", 40, 20);
  folder.write("set/Annotations/a.xml", voc("..", ""));
  folder.write("set/ImageSets/Main/val.txt", "a\n../../secret\n");
  const auto all = read_dataset(folder.path("set"));
  ASSERT_TRUE(all.ok()) << all.error().message;
  EXPECT_EQ(all->pictures[0].file, "a.jpg");
  DatasetOptions options;
  options.split = "val";
  const auto refused = read_dataset(folder.path("set"), options);
  ASSERT_FALSE(refused.ok());
  EXPECT_NE(refused.error().message.find("val.txt: ../../secret.xml is outside "), std::string::npos)
      << refused.error().message;
  options.skip_bad = true;
  const auto data = read_dataset(folder.path("set"), options);
  ASSERT_TRUE(data.ok()) << data.error().message;
  EXPECT_EQ(data->pictures.size(), 1U);
  EXPECT_EQ(data->skipped, 1U);
}

TEST(Voc, BadOnesAreNamedOrLeftOut) {
  const std::string good = object("ok", corners(1, 1, 2, 2));
  for (const auto& [xml, message] : std::initializer_list<std::pair<std::string, const char*>>{
           {"", "x.xml:1: "},
           {"<annotation>\n<object>\n", "x.xml:"},
           {"<other/>", "x.xml: no <annotation>"},
           {voc("x.jpg", good + "<object><name>a</name></object>"), "x.xml:8: <object> without <bndbox>"},
           {voc("x.jpg", good + object("", corners(1, 1, 2, 2))), "x.xml:8: <object> without <name>"},
           {voc("x.jpg", good + object("a", "<xmin>1</xmin><ymin>1</ymin><xmax>2</xmax>")),
            "x.xml:8: <ymax> of the <bndbox> is \"\", not a number"},
           {voc("x.jpg", good + object("a", "<xmin>nan</xmin>")), "<xmin> of the <bndbox> is \"nan\", not a number"},
           {voc("x.jpg", good + object("a", "<xmin>1 2</xmin>")), "<xmin> of the <bndbox> is \"1 2\", not a number"},
           {voc("x.jpg", good + object("a", corners(5, 1, 4, 2))), "has a negative size"},
           {voc("x.jpg", good + object("a", corners(-9, 1, -4, 2))), "has a negative size"},
           {voc("x.jpg", good, false), "x.xml: no <size>: "}}) {
    const DataFolder folder;
    folder.write("a.xml", voc("a.jpg", good));
    folder.write("x.xml", xml);
    const auto refused = read_dataset(folder.path(""));
    ASSERT_FALSE(refused.ok()) << xml;
    EXPECT_NE(refused.error().message.find(message), std::string::npos) << refused.error().message;
    DatasetOptions options;
    options.skip_bad = true;
    const auto data = read_dataset(folder.path(""), options);
    ASSERT_TRUE(data.ok()) << data.error().message;
    EXPECT_EQ(data->skipped, 1U);
    EXPECT_FALSE(data->annotations.empty());
  }
}

TEST(Voc, TheHintIsGivenOnceAndForBrokenEntriesOnly) {
  const DataFolder folder;
  folder.write("a.xml", voc("a.jpg", "<object/>"));
  DatasetOptions options;
  options.hint = "\ntry this";
  EXPECT_TRUE(read_dataset(folder.path(""), options).error().message.ends_with("<object> without <name>\ntry this"));
  options.split = "val";
  EXPECT_FALSE(read_dataset(folder.path(""), options).error().message.ends_with("try this"));
}

TEST(Voc, MoreClassesThanDetectorsHaveEndTheReading) {
  const DataFolder folder;
  std::string objects;
  for (int i = 0; i <= kMaxClasses; ++i) objects += object("c" + std::to_string(i), corners(1, 1, 2, 2));
  folder.write("a.xml", voc("a.jpg", objects));
  const auto data = read_dataset(folder.path(""));
  ASSERT_FALSE(data.ok());
  EXPECT_EQ(data.error().code, ErrorCode::kLimit);
  EXPECT_NE(data.error().message.find("a.xml: more than 10000 classes"), std::string::npos) << data.error().message;
}

// A document type is passed by: nothing of it is expanded or opened.
TEST(Voc, EntitiesAreNotExpanded) {
  const DatasetOptions options;
  BadEntries bad(options);
  const auto picture = parse_voc(R"(<!DOCTYPE a [<!ENTITY x SYSTEM "/etc/passwd"><!ENTITY y "&x;&x;">]>)" +
                                     voc("&x;&y;&lt;.jpg", object("&y;", corners(1, 1, 2, 2))),
                                 "a.xml", bad);
  ASSERT_TRUE(picture.ok()) << picture.error().message;
  EXPECT_EQ(picture->file, "&x;&y;<.jpg");
  EXPECT_EQ(picture->objects[0].name, "&y;");
}

}  // namespace
}  // namespace saker
