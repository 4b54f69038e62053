// What a served model computes with: a session for each worker, and what can be asked of them.
#pragma once

#include <saker/detector.h>

#include <optional>
#include <string>
#include <vector>

#include "serve/served_model.h"

namespace saker::serve {

// Everything but the sessions stays as it is once it is made. A session is its worker's alone.
struct Network {
  explicit Network(Model its_model) : model(std::move(its_model)) {}

  Model model;
  std::optional<DetectorSpec> spec;
  std::string no_detector;  // why there is no spec
  int batch = 1;            // pictures a run at most: what the sessions are compiled for
  bool open = false;        // tensors of fewer rows are taken
  // The rows of several requests may be computed in one run: the first dimension of every input and output is the
  // batch, and it cannot be anything else (how many boxes were found, say).
  bool rows_apart = false;
  std::vector<TensorInfo> inputs, outputs;
  std::vector<bool> input_rows, output_rows;  // whether the first dimension is the batch

  std::vector<Detector> detectors;  // one of both has one for each worker
  std::vector<Session> sessions;

  Session& session(int worker);
  // The inputs that requests do not bring; before they are written.
  Status fill_others(int worker);
  // The first so many rows: tensors in the session's inputs.
  Status run(int worker, int rows);
  // Or pictures, put there by fit_picture.
  Status run_pictures(int worker, int rows);
};

// Runs every session once, and the first with every number of pictures if that does not take too long.
Result<Network> make_network(const Model& model, const ServedOptions& options, int workers);

// How many rows the tensors have, that is places in a batch. The error names the input that does not fit.
Result<int> count_rows(const Network& network, const std::vector<Tensor>& inputs);

}  // namespace saker::serve
