// The command line: flags and words of all three families, in the order they were given.
#pragma once

#include <saker/result.h>

#include <string>
#include <vector>

#include "settings.h"

namespace saker::train_cli {

struct Given {
  const Setting* setting = nullptr;
  std::string value;
};

struct Arguments {
  std::vector<Given> given;
  std::vector<std::string> notes;  // of settings that change nothing
  bool help = false;
};

// Error kInvalid: a flag or word that none of the families has, with the nearest that one has; a value is missing.
Result<Arguments> read_arguments(const std::vector<std::string>& words);

std::string help_text();

// Fields of a YAML file as if they had been given. Errors: kInvalid with file and line.
Result<Arguments> read_hyperparameters(const std::string& path);                  // YOLOv5's hyp.*.yaml
Status read_experiment(const std::string& path, Setup& setup, Arguments& given);  // YOLOX's Exp as YAML

}  // namespace saker::train_cli
