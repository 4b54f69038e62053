// Whether an 8-bit model finds what its float model finds.
#pragma once

#include <saker/detector.h>

#include <cstddef>
#include <span>
#include <string>

#include "guard/finding.h"

namespace saker {

struct Agreement {
  std::size_t pictures = 0, float_boxes = 0, int8_boxes = 0, matched = 0;
  double float_ms = 0, int8_ms = 0;  // medians of a run of the model
  // Without a box of the float model nothing is compared: that is no agreement.
  bool compared() const { return float_boxes > 0; }
  // Of the boxes of both that have a partner of the same class and an IoU of at least 0.5.
  double share() const {
    const std::size_t all = float_boxes + int8_boxes;
    return all == 0 ? 0 : 2 * static_cast<double>(matched) / static_cast<double>(all);
  }
  // It finds something else: at least this many boxes tell, and fewer than half have a partner.
  static constexpr std::size_t kFewestBoxes = 10;
  bool collapsed() const { return float_boxes >= kFewestBoxes && share() < 0.5; }
};

// "97 % of the boxes agree", or that nothing was compared.
std::string in_words(const Agreement& agreement);

// Refuses where nothing was compared, and where they find something else.
Findings check_agreement(const Agreement& agreement);

// That a float model finds nothing in so many pictures. `seen`: what else is known of that; may be empty.
Finding nothing_found(std::size_t pictures, const std::string& seen);

// Both models on the pictures, in turn, with the boxes that each is set to give.
Result<Agreement> compare(Detector& full, Detector& int8, std::span<const std::string> pictures,
                          const ImageReadOptions& read);

}  // namespace saker
