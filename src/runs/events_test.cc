// Event files, byte for byte as TensorBoard's own writer makes them.
#include "runs/events.h"

#include <gtest/gtest.h>

#include <fmt/format.h>

#include "base/files.h"
#include "support/temp_folder.h"

namespace saker::runs {
namespace {

std::string hex(std::string_view bytes) {
  std::string text;
  for (const char c : bytes) text += fmt::format("{:02x}", static_cast<unsigned char>(c));
  return text;
}

std::string read(const std::string& path) {
  const auto bytes = read_file(path, std::size_t{1} << 20);
  EXPECT_TRUE(bytes.ok());
  return bytes.ok() ? std::string(reinterpret_cast<const char*>(bytes->data.get()), bytes->size) : "";
}

TEST(Events, Crc32cOfItsCheckValue) {
  EXPECT_EQ(crc32c("123456789"), 0xE3069283U);            // the check value of CRC-32C (catalogue of Koopman, RFC 3720)
  EXPECT_EQ(crc32c(std::string(32, '\0')), 0x8A9136AAU);  // RFC 3720, B.4
  EXPECT_EQ(crc32c(""), 0U);
}

// Recorded from tensorboard 2.21.0: RecordWriter and event_pb2.Event (wall_time 1.5: file_version; wall_time 1.5,
// step 3: session_log.status START; wall_time 2.25, step 300: two simple_values).
TEST(Events, SameBytesAsTensorBoardsWriter) {
  const std::string bytes = tf_record(version_event(1.5)) + tf_record(start_event(1.5, 3)) +
                            tf_record(scalars_event(2.25, 300, {{"train/box_loss", 0.5}, {"lr/pg0", -1.25}}));
  EXPECT_EQ(hex(bytes),
            "1800000000000000a37f4b2209000000000000f83f1a0d627261696e2e4576656e743a322a28646c0f000000000000006d53"
            "2b0909000000000000f83f10033a020801ec8612fc34000000000000005e33175c09000000000000024010ac022a260a150a"
            "0e747261696e2f626f785f6c6f7373150000003f0a0d0a066c722f706730150000a0bf5367c663");
}

TEST(Events, EachFileHasANameOfItsOwnAndWholeRecords) {
  const test::TempFolder folder;
  for (int i = 0; i < 3; ++i) {
    auto file = EventFile::create(folder.path(), 1);
    ASSERT_TRUE(file.ok()) << file.error().message;
    ASSERT_TRUE(file->add(1, {{"a", 1.0}}).ok());
  }
  const std::vector<std::string> names = folder.names();
  ASSERT_EQ(names.size(), 3U);
  for (const std::string& name : names) {
    EXPECT_TRUE(name.starts_with("events.out.tfevents.")) << name;
    const std::string bytes = read(folder.path(name));
    std::size_t at = 0, records = 0;
    while (at + 12 <= bytes.size()) {
      std::uint64_t length = 0;
      for (std::size_t i = 0; i < 8; ++i) {
        length |= std::uint64_t{static_cast<unsigned char>(bytes[at + i])} << 8 * i;
      }
      ASSERT_LE(length, bytes.size() - at - 16);
      EXPECT_EQ(tf_record(bytes.substr(at + 12, length)), bytes.substr(at, length + 16));
      at += length + 16;
      ++records;
    }
    EXPECT_EQ(at, bytes.size());
    EXPECT_EQ(records, 3U);  // the version, the start, one epoch
  }
  EXPECT_FALSE(EventFile::create(folder.path("nowhere"), 1).ok());
}

}  // namespace
}  // namespace saker::runs
