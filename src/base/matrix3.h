// Maps of the plane, affine and perspective: 3 x 3 matrices, row-major, for columns (x, y, 1).
#pragma once

#include <array>

namespace saker {

using Matrix3 = std::array<double, 9>;

Matrix3 product(const Matrix3& a, const Matrix3& b);  // b first
double determinant(const Matrix3& m);
Matrix3 inverse(const Matrix3& m);  // not finite where there is none

}  // namespace saker
