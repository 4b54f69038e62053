// The arena: buffers that live at the same time never overlap.
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <random>

#include "plan/planner.h"
#include "support/compiled.h"

namespace saker {
namespace {

Buffer buffer_of(std::size_t bytes, std::int32_t first, std::int32_t last) {
  Buffer buffer;
  buffer.bytes = bytes;
  buffer.first_step = first, buffer.last_step = last;
  return buffer;
}

bool in_arena(const Buffer& buffer) {
  return buffer.kind == BufferKind::kArena && buffer.first_step >= 0 && buffer.bytes > 0;
}

testing::AssertionResult is_sound(const std::vector<Buffer>& buffers, std::size_t arena_bytes) {
  for (std::size_t i = 0; i < buffers.size(); ++i) {
    const Buffer& a = buffers[i];
    if (!in_arena(a)) continue;
    if (a.offset % 64 != 0) return testing::AssertionFailure() << "buffer " << i << " lies at " << a.offset;
    if (a.offset + a.bytes > arena_bytes) return testing::AssertionFailure() << "buffer " << i << " ends outside";
    for (std::size_t k = 0; k < i; ++k) {
      const Buffer& b = buffers[k];
      const bool together = in_arena(b) && a.first_step <= b.last_step && b.first_step <= a.last_step;
      if (together && a.offset < b.offset + b.bytes && b.offset < a.offset + a.bytes)
        return testing::AssertionFailure() << "buffers " << k << " and " << i << " overlap";
    }
  }
  return testing::AssertionSuccess();
}

std::size_t most_alive(const std::vector<Buffer>& buffers, std::int32_t steps) {
  std::size_t most = 0;
  for (std::int32_t step = 0; step <= steps; ++step) {
    std::size_t bytes = 0;
    for (const Buffer& b : buffers) bytes += in_arena(b) && b.first_step <= step && step <= b.last_step ? b.bytes : 0;
    most = std::max(most, bytes);
  }
  return most;
}

TEST(PackArena, RandomLifetimes) {
  std::mt19937 engine(1);
  const auto between = [&](int low, int high) { return std::uniform_int_distribution<int>(low, high)(engine); };
  for (int round = 0; round < 300; ++round) {
    const std::int32_t steps = between(1, 40);
    std::vector<Buffer> buffers(static_cast<std::size_t>(between(0, 60)));
    std::size_t all = 0;
    for (Buffer& buffer : buffers) {
      const int kind = between(0, 9);
      buffer.kind = kind == 0 ? BufferKind::kInput : kind == 1 ? BufferKind::kConstant : BufferKind::kArena;
      buffer.bytes = static_cast<std::size_t>(between(0, 5) == 0 ? between(0, 3) : between(1, 100000));
      buffer.first_step = between(0, 9) == 0 ? -1 : between(0, steps);
      buffer.last_step = buffer.first_step < 0 ? -1 : between(buffer.first_step, steps);
      all += buffer.bytes + 64;
    }
    const std::size_t arena = pack_arena(buffers);
    ASSERT_TRUE(is_sound(buffers, arena));
    EXPECT_GE(arena, most_alive(buffers, steps));
    EXPECT_LE(arena, all + 128);
  }
}

TEST(PackArena, SuccessorsShareMemory) {
  std::vector<Buffer> buffers;
  for (std::int32_t i = 0; i < 10; ++i) buffers.push_back(buffer_of(1024, i, i + 1));
  EXPECT_LE(pack_arena(buffers), 2U * 1024 + 64);
  std::vector<Buffer> none;
  EXPECT_EQ(pack_arena(none), 0U);
}

// By size as by breadth the small ones come last and find only gaps that are too small: 11 KB.
TEST(PackArena, FindsTheLeastWhereBothOrdersLeaveGaps) {
  std::vector<Buffer> buffers;
  for (const auto& [kilobytes, first, last] : {std::array{2, 3, 4}, {4, 5, 8}, {1, 3, 5}, {4, 4, 5}, {4, 2, 3}})
    buffers.push_back(buffer_of(static_cast<std::size_t>(kilobytes) * 1024, first, last));
  EXPECT_EQ(most_alive(buffers, 8), 9U * 1024);
  EXPECT_EQ(pack_arena(buffers), 9U * 1024 + 64);
  EXPECT_TRUE(is_sound(buffers, 9U * 1024));
}

// Time that grows with the square of the buffers would be a minute.
TEST(PackArena, LongChainsTakeNoTime) {
  std::vector<Buffer> buffers;
  for (std::int32_t i = 0; i < 100'000; ++i) buffers.push_back(buffer_of(1024, i, i + 1));
  const auto start = std::chrono::steady_clock::now();
  EXPECT_EQ(pack_arena(buffers), 2U * 1024 + 64);
  EXPECT_LT(std::chrono::steady_clock::now() - start, std::chrono::seconds(10));
}

// Too many that live together for a search: in two generations, the second in the place of the first.
TEST(PackArena, ManyTogetherTakeOnePass) {
  std::vector<Buffer> buffers;
  for (const std::int32_t generation : {0, 1}) {
    for (std::int32_t i = 0; i < 3000; ++i)
      buffers.push_back(buffer_of(64 * static_cast<std::size_t>(1 + i % 7), 2 * generation, 2 * generation + 1));
  }
  const std::size_t arena = pack_arena(buffers);
  EXPECT_TRUE(is_sound(buffers, arena));
  EXPECT_EQ(arena, most_alive(buffers, 3) + 64);
}

TEST(PlanMemory, YoloPartsNeverOverlapAndStayNearTheLeast) {
  for (const Net& net : yolo_parts(2)) {
    for (const Isa isa : usable_isas()) {
      PlanOptions options;
      options.isa = isa;
      const auto plan = plan_of(net.graph, options);
      EXPECT_TRUE(is_sound(plan->buffers, plan->arena_bytes)) << net.name;
      const std::size_t least = most_alive(plan->buffers, static_cast<std::int32_t>(plan->steps.size()));
      EXPECT_LE(plan->arena_bytes, least + least / 8 + 4096) << net.name;
    }
  }
}

constexpr std::size_t kPicture = 8 * 6 * 5 * sizeof(float);

std::size_t arena_of(GraphBuilder& b) {
  expect_plan_is_right(b.graph());
  return plan_of(b.graph())->arena_bytes;
}

TEST(PlanMemory, ActivationsWorkInPlace) {
  GraphBuilder b;
  const ValueId x = b.add(Op::kAdd, {b.input({1, 8, 6, 5}), b.scalar(1)});
  b.output(b.add(Op::kSigmoid, {b.reshape(b.transpose(b.add(Op::kRelu, {x}), {0, 2, 3, 1}), {30, 8})}));
  EXPECT_LE(arena_of(b), kPicture + 128);
}

// A Concat whose parts nothing else reads, and one of whose parts something does.
TEST(PlanMemory, WhatIsReadLaterIsNotOverwritten) {
  for (const bool again : {false, true}) {
    GraphBuilder b;
    const ValueId in = b.input({1, 8, 6, 5});
    const ValueId left = b.add(Op::kAdd, {in, b.scalar(1)}), right = b.add(Op::kMul, {in, b.scalar(2)});
    b.output(b.add(Op::kSigmoid, {b.concat({left, right})}));
    if (again) b.output(b.add(Op::kMul, {left, b.scalar(3)}));
    EXPECT_EQ(arena_of(b) > 2 * kPicture + 128, again);
  }
  GraphBuilder b;
  const ValueId x = b.add(Op::kAdd, {b.input({1, 8, 6, 5}), b.scalar(1)});
  const auto parts = b.split(x, {3, 5});
  b.output(b.add(Op::kSigmoid, {b.concat(parts)})).output(b.add(Op::kRelu, {parts[1]})).output(x);
  arena_of(b);
}

// In a part of something larger that is needed only later, it would take the place of others. (Results may be taken
// early: their parts are mostly all there is.)
TEST(PlanMemory, PartsOfWhatComesLaterAreNotTakenEarly) {
  GraphBuilder b;
  const ValueId in = b.input({1, 8, 6, 5});
  const ValueId x = b.add(Op::kAdd, {in, b.scalar(1)});
  const ValueId large = b.add(Op::kAdd, {b.input({1, 32, 6, 5}), b.scalar(1)});
  b.output(b.add(Op::kAdd, {b.slice(large, 1, 0, 1), b.scalar(1)}));
  const ValueId joined = b.concat({b.add(Op::kSigmoid, {x}), in, in, in});
  b.output(b.add(Op::kReduceMax, {joined, b.ints({1})}, ReduceAttrs{}));
  EXPECT_LE(arena_of(b), 6 * kPicture);
}

TEST(PlanMemory, TheLimitIsAnError) {
  GraphBuilder b;
  b.output(b.conv(b.input({1, 3, 64, 64}), 16));
  PlanOptions options;
  options.max_bytes = 100000;
  const auto plan = compile_graph(b.graph(), options);
  ASSERT_FALSE(plan.ok());
  EXPECT_EQ(plan.error().code, ErrorCode::kLimit);
  EXPECT_NE(plan.error().message.find("100000"), std::string::npos);
}

// Inputs are memory of a session too.
TEST(PlanMemory, TheLimitCountsInputs) {
  GraphBuilder b;
  b.output(b.slice(b.input({1, 3, 64, 64}), 1, 0, 1));
  PlanOptions options;
  options.max_bytes = 20000;
  const auto plan = compile_graph(b.graph(), options);
  ASSERT_FALSE(plan.ok());
  EXPECT_EQ(plan.error().code, ErrorCode::kLimit);
}

}  // namespace
}  // namespace saker
