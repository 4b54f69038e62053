// The builder whose networks are graphs.
#pragma once

#include <string>
#include <vector>

#include "graph/builder.h"
#include "nets/builder.h"

namespace saker::nets {

class GraphBuilder final : public Builder {
 public:
  // A picture [batch, channels, height, width] of any size.
  Var picture(std::int64_t channels);

  Var conv(const Module& of, Var x) override;
  Var conv_transpose(const Module& of, Var x) override;
  Var batch_norm(const Module& of, Var x) override;
  Var activation(const Module& of, Var x) override;
  Var parameter(const Module& of, const char* name, std::vector<std::int64_t> shape) override;
  Var max_pool(Var x, const PoolWindow& window) override;
  Var average_pool(Var x, const PoolWindow& window) override;
  Var upsample(Var x, double factor) override;
  Var resize_like(Var x, Var like) override;
  Var pad(Var x, const std::array<std::int64_t, 4>& left_top_right_bottom) override;
  Var every_second(Var x, std::int64_t row, std::int64_t column) override;
  Var concat(std::vector<Var> parts, std::int64_t axis) override;
  std::vector<Var> split(Var x, const std::vector<std::int64_t>& sizes, std::int64_t axis) override;
  std::vector<Var> chunk(Var x, std::size_t parts) override;
  Var add(Var a, Var b) override;
  Var multiply(Var a, Var b) override;
  Var scale(Var x, double by) override;
  Var softmax(Var x, std::int64_t axis) override;
  Var matmul(Var a, Var b) override;
  Var transpose(Var x, const std::vector<std::int64_t>& order) override;
  Var reshape(Var x, const std::vector<std::int64_t>& shape) override;
  Var as_picture(Var x, Var like) override;
  Var fail(const Module& of, const std::string& what) override;

  // What heads need besides.
  NetworkBuilder& graph() { return graph_; }
  // Extents `first` to `last` (not included) of x, int64.
  Var extents(Var x, std::int64_t first, std::int64_t last);

  const Status& status() const { return status_.ok() ? graph_.status() : status_; }
  Result<Graph> finish();

 private:
  // The weight as float32; kNothing and a failure where there is none and it must be there.
  Var weight(const Module& of, const char* name);
  bool ok() const { return status_.ok() && graph_.status().ok(); }

  NetworkBuilder graph_;
  Status status_;
};

}  // namespace saker::nets
