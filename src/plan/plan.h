// Plan: a graph compiled for this machine and one set of shapes. Before: passes/. After: runtime/.
//
// Every tensor is a view: a buffer, an offset and strides. Concat, Split, Slice, Transpose and
// Reshape mostly cost nothing: producers write straight into their consumers' buffers, and views
// are read in place. Convolutions want channels innermost (stride 1); nothing else is assumed.
#pragma once

#include <saker/result.h>

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/cpu.h"
#include "base/thread_pool.h"
#include "graph/graph.h"

namespace saker {

struct QuantizeKernel;

using BufferId = std::int32_t;

enum class BufferKind : std::uint8_t {
  kArena,
  kInput,
  kBytes,  // Plan::byte_input
  kConstant
};

constexpr std::size_t kMostReadBehind = 64;  // bytes: vectors may read past the last buffer's end

struct Buffer {
  BufferKind kind = BufferKind::kArena;
  std::size_t bytes = 0;
  std::size_t offset = 0;                        // kArena: bytes from the arena's start
  std::size_t input = 0;                         // kInput: which
  Tensor constant;                               // kConstant
  std::int32_t first_step = -1, last_step = -1;  // kArena: when its contents matter
};

// Element (i0, i1, ...) is at buffer + (offset + sum(i_k * strides[k])) elements.
struct PlanView {
  BufferId buffer = -1;
  std::int64_t offset = 0;
  DType dtype = DType::kFloat32;
  Shape shape, strides;
};

// Tensors whose shape only the data decides (NonMaxSuppression and what follows it) live in slots.
using SlotId = std::int32_t;

struct PlanValue {
  PlanView view;  // when slot < 0
  SlotId slot = -1;
};

// What a step sees while it runs.
class RunContext {
 public:
  // Slots and what makes them take no more than slot_limit bytes.
  RunContext(std::vector<std::byte*> bases, std::size_t slots, std::size_t slot_limit, ThreadPool& pool)
      : bases_(std::move(bases)), slots_(slots), slot_limit_(slot_limit), pool_(pool) {}

  template <typename T>
  T* at(const PlanView& view) const {
    return reinterpret_cast<T*>(bases_[static_cast<std::size_t>(view.buffer)]) + view.offset;
  }
  std::byte* bytes_at(const PlanView& view) const {
    return bases_[static_cast<std::size_t>(view.buffer)] +
           view.offset * static_cast<std::int64_t>(dtype_size(view.dtype));
  }
  const Tensor& slot(SlotId id) const { return slots_[static_cast<std::size_t>(id)]; }
  void set_slot(SlotId id, Tensor tensor) {
    Tensor& slot = slots_[static_cast<std::size_t>(id)];
    slot_bytes_ += tensor.bytes() - slot.bytes();
    slot = std::move(tensor);
  }
  std::size_t room_for_slots() const { return slot_limit_ - slot_bytes_; }
  ThreadPool& pool() { return pool_; }

 private:
  std::vector<std::byte*> bases_;  // one per buffer
  std::vector<Tensor> slots_;
  std::size_t slot_limit_, slot_bytes_ = 0;
  ThreadPool& pool_;
};

// A kernel the planner looked at and did not take.
struct Refusal {
  std::string kernel, reason;
};

struct ConvMethod;

struct Step {
  std::string name;  // the graph node
  std::string what;  // "Conv kernel=3x3 ... silu", or why a copy was needed
  std::string kernel;
  const ConvMethod* method = nullptr;  // of a convolution (plan/conv_method.h)
  std::vector<Refusal> refused;
  std::function<Status(RunContext&)> run;
  std::vector<BufferId> buffers;   // all it touches
  std::vector<SlotId> last_reads;  // slots that nobody needs after it
  double flops = 0;
  double bytes = 0;  // operands, packed weights and result, each once; what slots hold is not known
  Shape shape;       // of its output
};

// Of a plan whose first step only quantizes a picture that nothing else reads: who has the bytes leaves it out.
struct ByteInput {
  std::size_t input = 0;  // which
  PlanView view;          // uint8 [N, up to 4, H, W], a pixel's channels in four neighbouring bytes; all of its buffer
  const QuantizeKernel* kernel = nullptr;
  std::shared_ptr<const float> scale, offset;  // of each channel (InputQuantizer)
};

// Packed weights or another constant: of one plan, or of several for different batches.
struct WeightBlock {
  std::shared_ptr<const void> data;
  std::size_t bytes = 0;
};

struct Plan {
  Isa isa = Isa::kBaseline;
  int threads = 1;  // that the work is cut for and scratch memory is sized by: a pool that runs it has as many
  std::vector<Buffer> buffers;
  std::vector<Step> steps;
  std::vector<PlanView> inputs;
  std::optional<ByteInput> byte_input;
  std::vector<PlanValue> outputs;
  std::vector<std::string> input_names, output_names;
  std::size_t slots = 0;
  std::size_t slot_limit = 0;  // bytes that slots, and the evaluators that fill them, may take
  std::size_t arena_bytes = 0;
  std::size_t evaluator_bytes = 0;   // that evaluators take while they run, one at a time
  std::size_t open_bytes = 0;        // at most, of NonMaxSuppression and the like; of what follows it, nothing is known
  std::size_t weight_bytes = 0;      // packed weights and other constants that no base plan holds
  std::vector<WeightBlock> weights;  // all of them
  std::map<std::string, std::string> conv_methods;  // of each convolution (conv_key_of_one), the chosen one's name
  std::size_t views = 0;                            // graph nodes that cost nothing at run time
  std::string note;                                 // what to know of a precision that was asked for; else empty

  std::size_t byte_input_bytes() const {
    return byte_input ? buffers[static_cast<std::size_t>(byte_input->view.buffer)].bytes + kMostReadBehind : 0;
  }
  std::size_t activation_bytes() const { return arena_bytes + byte_input_bytes() + evaluator_bytes + open_bytes; }
};

struct PlanOptions {
  Isa isa = Isa::kBaseline;
  int threads = 1;
  std::size_t max_bytes = std::size_t{8} << 30;     // inputs, activations and packed weights together
  bool bf16 = false;                                // convolutions may round to bfloat16; error if the CPU lacks it
  bool low_memory = false;                          // no method that needs more memory than the plainest
  std::map<std::string, std::string> conv_methods;  // for these layers (conv_key) not the cost model's choice
  // A plan of the same network for another batch: its convolutions' methods are taken over whatever conv_methods and
  // costs say, and its packed weights and constants are used. The new plan counts in weight_bytes only what it holds
  // besides, and needs the base no longer once it is made. Best made with the same isa, bf16 and low_memory; nothing
  // but memory is lost where they, or the networks, differ.
  std::shared_ptr<const Plan> base;
};

// The graph must have been through passes/. output_names: one per graph output.
Result<Plan> make_plan(const Graph& graph, const std::vector<std::string>& output_names, const PlanOptions& options);

// For `saker inspect`: steps as a table; with `why`, every refused kernel under its step.
std::string print(const Plan& plan, bool why);

}  // namespace saker
