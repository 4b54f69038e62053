// What the opaque types of saker.h are.
#pragma once

#include <saker.h>
#include <saker/detector.h>

#include <mutex>
#include <string>
#include <vector>

struct saker_detector {
  saker_detector(saker::Detector with, saker::ImageReadOptions read)
      : detector(std::move(with)), spec(detector.spec()), backend(detector.backend()), pictures(read) {}

  std::mutex busy;  // held while detector is used
  saker::Detector detector;
  // What needs no lock, because no call of saker.h changes it.
  const saker::DetectorSpec spec;
  const std::string backend;
  const saker::ImageReadOptions pictures;
};

struct saker_result {
  saker::DetectorSpec spec;  // for the labels
  std::vector<saker_box> boxes;
  int width = 0, height = 0;
  saker_times times = {};
};
