// What people see while a training runs.
#pragma once

#include <string>

#include "base/clock.h"
#include "eval/evaluation.h"
#include "prepare.h"
#include "train/trainer.h"

namespace saker::train_cli {

void show_start(const Prepared& prepared);

// A line on stderr while an epoch runs, where that is a terminal; a line on stdout for each epoch.
class Show {
 public:
  explicit Show(bool quiet);
  void batch(const train::BatchDone& done);
  void validating(std::size_t done, std::size_t total);
  void epoch(const train::EpochDone& done, std::int64_t epochs);
  void note(const std::string& text);

 private:
  void clear();
  void line(const std::string& text);

  bool quiet_, terminal_, visible_ = false, headed_ = false;
  double speed_ = 0;
  Stopwatch drawn_;
};

// mAP of each class.
std::string class_table(const Evaluated& evaluated);
// Zeros among the weights of each convolution.
std::string sparsity_table(nets::Network& network);

}  // namespace saker::train_cli
