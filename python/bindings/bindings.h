// What each file of bindings adds to the module.
#pragma once

#include <nanobind/nanobind.h>

namespace saker::python {

void bind_model(nanobind::module_& module);
void bind_session(nanobind::module_& module);
void bind_pool(nanobind::module_& module);
void bind_pictures(nanobind::module_& module);

}  // namespace saker::python
