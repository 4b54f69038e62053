// Plan::byte_input: of which plans, and that a run from it gives what a run from the floats gives.
#include <gtest/gtest.h>

#include <cstring>

#include "support/compiled.h"
#include "support/qdq_graphs.h"

namespace saker {
namespace {

const Shape kPicture = {2, 3, 9, 7};

// The bytes that the plan's first step makes of the input.
void fill_bytes(Executor& executor) {
  const ByteInput& bytes = *executor.plan()->byte_input;
  const Shape& shape = bytes.view.shape;
  const std::int64_t pixels = shape[2] * shape[3];
  const float* floats = executor.input(bytes.input).data<float>();
  for (std::int64_t n = 0; n < shape[0]; ++n) {
    bytes.kernel->quantize_planes(pixels, static_cast<int>(shape[1]), floats + n * shape[1] * pixels, pixels,
                                  bytes.scale.get(), bytes.offset.get(), executor.bytes() + n * bytes.view.strides[0]);
  }
}

void expect_bytes_for_floats(const Graph& graph) {
  for (const Isa isa : usable_isas()) {
    SCOPED_TRACE(isa_name(isa));
    const auto plan = plan_of(graph, options_of(isa, 2));
    ASSERT_TRUE(plan->byte_input.has_value()) << print(*plan, true);
    const auto executor = std::move(*Executor::create(plan));
    const std::vector<Tensor> inputs = random_inputs(graph, 5);
    const std::vector<Tensor> wanted = run_plan(*executor, inputs);
    fill_bytes(*executor);
    std::memset(executor->input(plan->byte_input->input).raw(), 0, inputs[plan->byte_input->input].bytes());
    for (const int run : {1, 2}) {  // what follows leaves the bytes as they are
      ASSERT_TRUE(executor->run_from_bytes().ok());
      for (std::size_t i = 0; i < wanted.size(); ++i) {
        const Tensor got = *to_dense(executor->output(i));
        EXPECT_EQ(std::memcmp(got.raw(), wanted[i].raw(), got.bytes()), 0) << "output " << i << " of run " << run;
      }
    }
  }
}

void expect_no_bytes(const Graph& graph) {
  const auto plan = plan_of(graph);
  EXPECT_FALSE(plan->byte_input.has_value()) << print(*plan, true);
}

TEST(ByteInput, IsThatOfTheFirstConvolution) {
  for (const std::int64_t channels : {1, 3, 4}) {
    QdqBuilder b;
    const ValueId x = b.snap(b.input({2, channels, 9, 7}), grid_of(3));
    b.output(b.snap(b.conv8(x, 16, {.kernel = 3, .stride = 2}), grid_of(2)));
    if (channels == 1) {
      const auto plan = plan_of(b.graph());  // one plane is read as it is, or as a row of its own
      if (!plan->byte_input) continue;
    }
    expect_bytes_for_floats(b.graph());
  }
}

TEST(ByteInput, HasAScaleForEachChannel) {
  QdqBuilder b;
  b.output(b.snap(b.conv8(b.snap(b.input(kPicture), grid_of(3, 3)), 16, {.kernel = 3}), grid_of(2)));
  expect_bytes_for_floats(b.graph());
}

TEST(ByteInput, MayBeReadSeveralTimesAndAnOutput) {
  QdqBuilder b;
  const ValueId bytes = b.quantize(b.input(kPicture), grid_of(3));
  const ValueId x = b.dequantize(bytes, grid_of(3));
  b.output(b.snap(b.conv8(x, 16, {.kernel = 3}), grid_of(2)));
  b.output(b.snap(b.conv8(x, 8), grid_of(2)));
  b.output(bytes);
  expect_bytes_for_floats(b.graph());
}

TEST(ByteInput, StandsBesideOtherInputs) {
  QdqBuilder b;
  const ValueId bias = b.input({2, 16, 1, 1});
  const ValueId x = b.conv8(b.snap(b.input(kPicture), grid_of(3)), 16, {.kernel = 3});
  b.output(b.add(Op::kAdd, {x, bias}));
  expect_bytes_for_floats(b.graph());
}

TEST(ByteInput, ThereIsNoneWhereTheFloatsAreWanted) {
  QdqBuilder twice;
  const ValueId x = twice.input(kPicture);
  const ValueId y = twice.conv8(twice.snap(x, grid_of(3)), 3);
  twice.output(twice.add(Op::kAdd, {y, x}));
  expect_no_bytes(twice.graph());

  QdqBuilder given;
  const ValueId z = given.input(kPicture);
  given.output(given.snap(given.conv8(given.snap(z, grid_of(3)), 16), grid_of(2)));
  given.output(z);
  expect_no_bytes(given.graph());
}

TEST(ByteInput, ThereIsNoneBehindAnotherStep) {
  QdqBuilder behind;
  const ValueId x = behind.add(Op::kSigmoid, {behind.input(kPicture)});
  behind.output(behind.snap(behind.conv8(behind.snap(x, grid_of(3)), 16), grid_of(2)));
  expect_no_bytes(behind.graph());

  GraphBuilder floats;
  floats.output(floats.conv_silu(floats.input(kPicture), 16, 3));
  expect_no_bytes(floats.graph());
}

}  // namespace
}  // namespace saker
