#include "kernels/lookup/lookup.h"

#include <gtest/gtest.h>

#include "support/int8_cases.h"

namespace saker {
namespace {

TEST(Lookup, EveryEntryAndLength) {
  Random random(1);
  for (const Isa isa : int8_isas()) {
    const LookupKernel& kernel = kernels_for(isa).lookup;
    SCOPED_TRACE(kernel.name.text());
    for (std::int64_t count = 0; count <= 300; ++count) {
      std::uint8_t table[256];
      for (std::uint8_t& entry : table) entry = static_cast<std::uint8_t>(random.between(0, 255));
      GuardedBytes bytes(count);
      std::vector<std::uint8_t> expected;
      for (std::int64_t i = 0; i < count; ++i) {
        bytes.data()[i] = static_cast<std::uint8_t>(i + count);
        expected.push_back(table[bytes.data()[i]]);
      }
      kernel.run(table, bytes.data(), count);
      EXPECT_EQ(std::vector<std::uint8_t>(bytes.data(), bytes.data() + count), expected) << count;
    }
  }
}

}  // namespace
}  // namespace saker
