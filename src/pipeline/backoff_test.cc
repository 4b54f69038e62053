#include "pipeline/backoff.h"

#include <gtest/gtest.h>

namespace saker {
namespace {

TEST(Backoff, DoublesUpToTheLongestWaitAndBeginsAgain) {
  Backoff backoff(0.25, 2, 7);
  for (int round = 0; round < 2; ++round) {
    for (const double most : {0.25, 0.5, 1.0, 2.0, 2.0, 2.0}) {
      const double wait = backoff.next();
      EXPECT_LE(wait, most);
      EXPECT_GE(wait, most / 2);
    }
    backoff.reset();
  }
}

TEST(Backoff, TwoSourcesDoNotWaitAlike) {
  Backoff one(0.25, 2, 1), other(0.25, 2, 2);
  EXPECT_NE(one.next(), other.next());
}

TEST(Backoff, AFirstWaitBeyondTheLongestIsTheLongest) {
  Backoff backoff(10, 2, 7);
  EXPECT_LE(backoff.next(), 2);
}

}  // namespace
}  // namespace saker
