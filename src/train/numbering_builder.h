// A builder that counts: which value of a graph is which of those that another builder makes of the same flow, one
// number after the other.
#pragma once

#include <unordered_map>
#include <utility>
#include <vector>

#include "nets/graph_builder.h"

namespace saker::train {

class NumberingBuilder final : public nets::Builder {
 public:
  using Var = nets::Var;
  using Module = nets::Module;

  // In the order in which they were made: the picture first.
  const std::vector<ValueId>& values() const { return values_; }
  const std::vector<const Module*>& convs() const { return convs_; }
  // The normalization of a convolution's result; null: none.
  const Module* norm_of(const Module& conv) const {
    const auto found = norms_.find(&conv);
    return found == norms_.end() ? nullptr : found->second;
  }
  nets::GraphBuilder& graph() { return b_; }

  Var picture(std::int64_t channels) { return keep(b_.picture(channels)); }
  Var conv(const Module& of, Var x) override {
    convs_.push_back(&of);
    const Var result = keep(b_.conv(of, x));
    conv_at_.emplace(result, &of);
    return result;
  }
  Var batch_norm(const Module& of, Var x) override {
    if (const auto found = conv_at_.find(x); found != conv_at_.end()) norms_.emplace(found->second, &of);
    return keep(b_.batch_norm(of, x));
  }
  Var conv_transpose(const Module& of, Var x) override { return keep(b_.conv_transpose(of, x)); }
  Var activation(const Module& of, Var x) override { return keep(b_.activation(of, x)); }
  Var parameter(const Module& of, const char* name, std::vector<std::int64_t> shape) override {
    return keep(b_.parameter(of, name, std::move(shape)));
  }
  Var max_pool(Var x, const nets::PoolWindow& window) override { return keep(b_.max_pool(x, window)); }
  Var average_pool(Var x, const nets::PoolWindow& window) override { return keep(b_.average_pool(x, window)); }
  Var upsample(Var x, double factor) override { return keep(b_.upsample(x, factor)); }
  Var resize_like(Var x, Var like) override { return keep(b_.resize_like(x, like)); }
  Var pad(Var x, const std::array<std::int64_t, 4>& by) override { return keep(b_.pad(x, by)); }
  Var every_second(Var x, std::int64_t row, std::int64_t column) override {
    return keep(b_.every_second(x, row, column));
  }
  Var concat(std::vector<Var> parts, std::int64_t axis) override { return keep(b_.concat(std::move(parts), axis)); }
  std::vector<Var> split(Var x, const std::vector<std::int64_t>& sizes, std::int64_t axis) override {
    return keep(b_.split(x, sizes, axis));
  }
  std::vector<Var> chunk(Var x, std::size_t parts) override { return keep(b_.chunk(x, parts)); }
  Var add(Var a, Var b) override { return keep(b_.add(a, b)); }
  Var multiply(Var a, Var b) override { return keep(b_.multiply(a, b)); }
  Var scale(Var x, double by) override { return keep(b_.scale(x, by)); }
  Var softmax(Var x, std::int64_t axis) override { return keep(b_.softmax(x, axis)); }
  Var matmul(Var a, Var b) override { return keep(b_.matmul(a, b)); }
  Var transpose(Var x, const std::vector<std::int64_t>& order) override { return keep(b_.transpose(x, order)); }
  Var reshape(Var x, const std::vector<std::int64_t>& shape) override { return keep(b_.reshape(x, shape)); }
  Var as_picture(Var x, Var like) override { return keep(b_.as_picture(x, like)); }
  Var fail(const Module& of, const std::string& what) override { return b_.fail(of, what); }

 private:
  Var keep(Var value) {
    values_.push_back(value);
    return value;
  }
  std::vector<Var> keep(std::vector<Var> values) {
    values_.insert(values_.end(), values.begin(), values.end());
    return values;
  }

  nets::GraphBuilder b_;
  std::vector<ValueId> values_;
  std::vector<const Module*> convs_;
  std::unordered_map<Var, const Module*> conv_at_;
  std::unordered_map<const Module*, const Module*> norms_;
};

}  // namespace saker::train
