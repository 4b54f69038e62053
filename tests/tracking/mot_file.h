// Files of MOTChallenge's text format: a box a line, numbers between commas.
#pragma once

#include <saker/detector_spec.h>

#include <cstddef>
#include <fstream>
#include <map>
#include <string>
#include <vector>

#include "base/text.h"

namespace saker::test {

// The numbers of each line by the first of them, the frame, from 1. Empty where the file is not there or has something
// else in it.
inline std::map<std::size_t, std::vector<std::vector<double>>> read_mot_rows(const std::string& path) {
  std::map<std::size_t, std::vector<std::vector<double>>> frames;
  std::ifstream file(path);
  for (std::string line; std::getline(file, line);) {
    std::vector<double> row;
    for (const std::string& word : split(line, ',')) {
      const auto number = parse_number(trimmed(word));
      if (!number) return {};
      row.push_back(*number);
    }
    if (row.size() < 7 || row[0] < 1 || row[0] > 1e7) return {};
    frames[static_cast<std::size_t>(row[0])].push_back(row);
  }
  return frames;
}

// frame, -1, left, top, width, height, score and, if it is there, class.
inline Detection detection_of(const std::vector<double>& row) {
  const auto at = [&](std::size_t i) { return static_cast<float>(row[i]); };
  return {row.size() > 7 ? static_cast<int>(row[7]) : 0, at(6), at(2), at(3), at(2) + at(4), at(3) + at(5)};
}

}  // namespace saker::test
