#include "runs/events.h"

#include <fmt/format.h>
#include <unistd.h>

#include <array>
#include <chrono>
#include <cstring>
#include <filesystem>

#include "base/try.h"
#include "base/wire_writer.h"

namespace saker::runs {
namespace {

constexpr std::array<std::uint32_t, 256> kCrcTable = [] {
  constexpr std::uint32_t kReversedPolynomial = 0x82F63B78;  // of 0x1EDC6F41
  std::array<std::uint32_t, 256> table{};
  for (std::uint32_t i = 0; i < table.size(); ++i) {
    table[i] = i;
    for (int bit = 0; bit < 8; ++bit) table[i] = table[i] >> 1 ^ ((table[i] & 1) != 0 ? kReversedPolynomial : 0);
  }
  return table;
}();

// A CRC of data that holds CRCs is weak, hence the mask (tensorflow/core/lib/hash/crc32c.h).
std::uint32_t masked(std::uint32_t crc) {
  return (crc >> 15 | crc << 17) + 0xA282EAD8U;
}

template <typename T>
void append_little_endian(T value, std::string& out) {
  for (std::size_t i = 0; i < sizeof value; ++i) out += static_cast<char>(value >> 8 * i & 0xFF);
}

// Field numbers of Event, SessionLog and Summary.
constexpr std::uint32_t kWallTime = 1, kStep = 2, kFileVersion = 3, kSummary = 5, kSessionLog = 7;
constexpr std::uint32_t kSessionStatus = 1, kSummaryValue = 1, kTag = 1, kSimpleValue = 2;
constexpr std::int64_t kSessionStart = 1;

double now() {
  return std::chrono::duration<double>(std::chrono::system_clock::now().time_since_epoch()).count();
}

// "events.out.tfevents.<seconds>.<host>.<process>.<n>", as TensorFlow and PyTorch name them.
std::string file_name(double wall_time, int n) {
  std::array<char, 256> host{};
  if (::gethostname(host.data(), host.size() - 1) != 0 || host[0] == 0) std::strcpy(host.data(), "localhost");
  return fmt::format("events.out.tfevents.{:010}.{}.{}.{}", static_cast<std::int64_t>(wall_time), host.data(),
                     ::getpid(), n);
}

}  // namespace

std::uint32_t crc32c(std::string_view bytes) {
  std::uint32_t crc = 0xFFFFFFFF;
  for (const char c : bytes) crc = crc >> 8 ^ kCrcTable[(crc ^ static_cast<std::uint8_t>(c)) & 0xFF];
  return ~crc;
}

std::string tf_record(std::string_view data) {
  std::string out;
  append_little_endian(std::uint64_t{data.size()}, out);
  append_little_endian(masked(crc32c(out)), out);
  out += data;
  append_little_endian(masked(crc32c(data)), out);
  return out;
}

std::string version_event(double wall_time) {
  WireWriter event;
  event.number(kWallTime, wall_time);
  event.bytes(kFileVersion, "brain.Event:2");
  return event.take();
}

std::string start_event(double wall_time, std::int64_t step) {
  WireWriter event, session;
  session.integer(kSessionStatus, kSessionStart);
  event.number(kWallTime, wall_time);
  event.integer(kStep, step);
  event.message(kSessionLog, session);
  return event.take();
}

std::string scalars_event(double wall_time, std::int64_t step, const Scalars& scalars) {
  WireWriter event, summary;
  for (const auto& [tag, number] : scalars) {
    WireWriter value;
    value.bytes(kTag, tag);
    value.number(kSimpleValue, static_cast<float>(number));
    summary.message(kSummaryValue, value);
  }
  event.number(kWallTime, wall_time);
  event.integer(kStep, step);
  event.message(kSummary, summary);
  return event.take();
}

Result<EventFile> EventFile::create(const std::string& folder, std::int64_t first_step) {
  const double wall_time = now();
  std::string path;
  std::error_code ignored;
  for (int n = 0; path.empty() || std::filesystem::exists(path, ignored); ++n) {
    path = (std::filesystem::path(folder) / file_name(wall_time, n)).string();
  }
  SAKER_ASSIGN(AppendFile file, AppendFile::open(path, true));
  SAKER_TRY(file.append(tf_record(version_event(wall_time)) + tf_record(start_event(wall_time, first_step))));
  return EventFile(std::move(file));
}

Status EventFile::add(std::int64_t step, const Scalars& scalars) {
  return file_.append(tf_record(scalars_event(now(), step, scalars)));
}

}  // namespace saker::runs
