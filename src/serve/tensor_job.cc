// Tensors in, tensors out.
#include <cstring>
#include <utility>

#include "base/clock.h"
#include "serve/served_job.h"

namespace saker::serve {
namespace {

// So many rows from `first` on.
TensorView rows_of(TensorView view, int first, int count) {
  const auto element = static_cast<std::int64_t>(dtype_size(view.dtype));
  view.data = static_cast<const std::byte*>(view.data) + (first * view.strides[0] * element);
  view.shape[0] = count;
  return view;
}

}  // namespace

TensorJob::TensorJob(std::shared_ptr<ServedParts> parts, const JobOptions& options, TensorRequest request, Done done)
    : ServedJob(std::move(parts), options), request_(std::move(request)), done_(std::move(done)) {}

TensorJob::~TensorJob() {
  refuse({Reason::kInternal, "the request was lost"});
}

void TensorJob::send(Refusal refusal) {
  std::exchange(done_, nullptr)(std::move(refusal));
}

std::optional<Refusal> TensorJob::write(int worker, int slot) {
  Network& network = parts_->network;
  Session& session = network.session(worker);
  const Stopwatch watch;
  for (std::size_t i = 0; i < request_.inputs.size(); ++i) {
    const Tensor& given = request_.inputs[i];
    Tensor input = session.input(i);
    const std::size_t row = network.input_rows[i] ? input.bytes() / static_cast<std::size_t>(network.batch) : 0;
    auto* const to = static_cast<std::byte*>(input.raw()) + (static_cast<std::size_t>(slot) * row);
    if (given.bytes() > 0) std::memcpy(to, given.raw(), given.bytes());
  }
  ms.preprocess = watch.ms();
  return std::nullopt;
}

void TensorJob::finish(std::span<const TensorView> outputs, int slot) {
  const Stopwatch watch;
  TensorAnswer answer;
  for (std::size_t i = 0; i < outputs.size(); ++i) {
    // Where a plan for fewer rows than the batch could not be made, outputs have all of the batch's.
    const bool has_rows = parts_->network.output_rows[i];
    auto dense = to_dense(has_rows ? rows_of(outputs[i], slot, rows()) : outputs[i]);
    if (!dense.ok()) return refuse({Reason::kInternal, dense.error().message});
    answer.outputs.push_back(*std::move(dense));
  }
  ms.postprocess = watch.ms();
  count_answer();
  answer.ms = ms;
  std::exchange(done_, nullptr)(std::move(answer));
}

}  // namespace saker::serve
