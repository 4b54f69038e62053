// Archives as torch.save writes them, and damaged ones.
#include "model/pt/zip.h"

#include <gtest/gtest.h>

#include "support/pt_writer.h"

namespace saker::pt {
namespace {

using test_support::little;
using test_support::zip_file;
using test_support::ZipItem;

FileBytes bytes_of(const std::string& text) {
  const auto owner = std::make_shared<std::string>(text);
  return {{owner, reinterpret_cast<std::byte*>(owner->data())}, owner->size()};
}

Result<std::string> entry(const std::string& file, const std::string& name, std::size_t most = 1 << 20) {
  auto archive = ZipArchive::open(bytes_of(file));
  if (!archive.ok()) return archive.error();
  Budget budget(file.size());
  auto read = archive->read(name, most, budget);
  if (!read.ok()) return read.error();
  return std::string(reinterpret_cast<const char*>(read->data.get()), read->size);
}

std::string error_of(const std::string& file, const std::string& name = "a", std::size_t most = 1 << 20) {
  const auto read = entry(file, name, most);
  return read.ok() ? "" : read.error().message;
}

bool mentions(const std::string& text, std::string_view part) {
  return text.find(part) != std::string::npos;
}

TEST(Zip, StoredAndDeflated) {
  const std::string file = zip_file({{"a", "stored"}, {"b", std::string(5000, 'x'), true}, {"empty", ""}});
  EXPECT_EQ(*entry(file, "a"), "stored");
  EXPECT_EQ(*entry(file, "b"), std::string(5000, 'x'));
  EXPECT_EQ(*entry(file, "empty"), "");
  EXPECT_TRUE(mentions(error_of(file, "c"), "entry 'c' of the archive is missing"));
  EXPECT_TRUE(mentions(error_of(file, "b", 100), "the limit is 100"));
}

// In every place where a file can be cut, or a bit of it flipped: an error, or what was there.
TEST(Zip, Damage) {
  const std::string file = zip_file({{"a", "some bytes that were stored"}, {"b", std::string(300, 'y'), true}});
  for (std::size_t length = 0; length < file.size(); ++length)
    EXPECT_NE(error_of(file.substr(0, length)), "") << length;
  for (std::size_t at = 0; at < file.size(); ++at) {
    std::string flipped = file;
    flipped[at] = static_cast<char>(flipped[at] ^ 0x10);
    for (const char* name : {"a", "b"}) {
      const auto read = entry(flipped, name);
      if (read.ok()) {
        EXPECT_EQ(*read, *entry(file, name)) << at;
      }
    }
  }
}

TEST(Zip, Lies) {
  const std::string file = zip_file({{"a", "some bytes"}});
  EXPECT_TRUE(mentions(error_of(zip_file({{"a", "1"}, {"a", "2"}})), "is there twice"));
  std::string wrong = file;
  wrong[wrong.find("some bytes")] = 'S';
  EXPECT_TRUE(mentions(error_of(wrong), "wrong checksum"));
  const std::size_t central = file.find("PK\x01\x02");
  std::string method = file;
  method[central + 10] = 12;
  EXPECT_TRUE(mentions(error_of(method), "method 12"));
  std::string encrypted = file;
  encrypted[central + 8] = static_cast<char>(encrypted[central + 8] | 1);
  EXPECT_TRUE(mentions(error_of(encrypted), "is encrypted"));
  // Two entries over the same bytes.
  std::string twice = zip_file({{"a", "some bytes"}, {"b", "some bytes"}});
  const std::size_t second = twice.find("PK\x01\x02", twice.find("PK\x01\x02") + 4);
  twice.replace(second + 42, 4, little<std::uint32_t>(0));
  EXPECT_TRUE(mentions(error_of(twice), "overlap"));
  // 200 bytes that say they are 2 GB.
  std::string bomb = zip_file({{"a", std::string(300, 'y'), true}});
  bomb.replace(bomb.find("PK\x01\x02") + 24, 4, little<std::uint32_t>(0x7fffffff));
  EXPECT_TRUE(mentions(error_of(bomb, "a", SIZE_MAX), "cannot unpack")) << error_of(bomb, "a", SIZE_MAX);
}

}  // namespace
}  // namespace saker::pt
