// Random quantized networks, lowered to 8-bit layers and compiled for every ISA level, against the evaluators run node
// by node on the graph as it was made. SAKER_RANDOM_GRAPHS sets how many, SAKER_RANDOM_SEED the first one.
#include <gtest/gtest.h>

#include <cstdlib>

#include "graph/printer.h"
#include "support/qdq_graphs.h"
#include "support/random_qdq_graph.h"

namespace saker {
namespace {

constexpr std::uint64_t kGraphs = 300;

std::uint64_t number_from(const char* variable, std::uint64_t otherwise) {
  const char* text = std::getenv(variable);
  return text == nullptr ? otherwise : std::strtoull(text, nullptr, 10);
}

TEST(RandomQdqGraphs, LoweredTheyComputeWhatTheyDid) {
  const std::uint64_t first = number_from("SAKER_RANDOM_SEED", 1);
  const std::uint64_t count = number_from("SAKER_RANDOM_GRAPHS", kGraphs);
  int in_bytes = 0, in_float = 0;
  for (std::uint64_t seed = first; seed < first + count; ++seed) {
    SCOPED_TRACE("SAKER_RANDOM_SEED=" + std::to_string(seed) + " SAKER_RANDOM_GRAPHS=1");
    const Graph graph = random_qdq_graph(seed);
    const Graph result = lowered(graph);
    in_bytes += count_ops(result, Op::kConvInt8);
    in_float += count_ops(result, Op::kConv);
    ASSERT_NO_FATAL_FAILURE(expect_lowered_is_close(graph));
  }
  EXPECT_GT(in_bytes, 0);
  EXPECT_LE(in_float, in_bytes / 20);
}

}  // namespace
}  // namespace saker
