// Pictures that are cut off or damaged.
#pragma once

#include "support/test_pictures.h"

namespace saker::test {

// Of a picture that must be refused; its message names the file.
Error error_of(const ByteVector& bytes, const ImageReadOptions& options = {});

// Cut after every byte but the last `tail`, which the pixels do not need.
void expect_refused_when_cut(const ByteVector& bytes, std::size_t tail);

// Any outcome but a crash, with every byte changed in turn.
void damage_every_byte(ByteVector bytes);

}  // namespace saker::test
