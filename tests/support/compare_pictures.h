// Pictures decoded and compared, and other forms of the same one.
#pragma once

#include "support/test_pictures.h"

namespace saker::test {

// What must be read.
Image decoded(const ByteVector& bytes);

void expect_same(const Image& got, const Image& expected);
int largest_difference(const Image& a, const Image& b);  // of two samples; 256 where the sizes differ

// The green plane, and the grey picture made of it.
ByteVector grey_samples(const Image& image);
Image widened(const Image& image);

// 16-bit samples in the byte order of the machine; the low bytes are noise.
ByteVector wide_samples(const ByteVector& samples);

}  // namespace saker::test
