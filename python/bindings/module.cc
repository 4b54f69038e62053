// saker._core: the library as a Python module. The classes that people see are in python/saker/.
#include "bindings.h"
#include "calls.h"

NB_MODULE(_core, module) {
  namespace nb = nanobind;
  nb::set_leak_warnings(false);  // calls that were interrupted may keep objects beyond the interpreter's end
  module.doc() = "The library inside the package saker; use the names of `saker` itself.";
  saker::python::process_generation();  // forks count from here
  module.def(
      "version", [] { return SAKER_VERSION; }, "The version of the library, as \"0.1.0\".");
  module.def("_finish", &saker::python::finish_calls,
             "Tells calls at work in other threads to stop and waits for them; for atexit.");
  saker::python::bind_model(module);
  saker::python::bind_session(module);
  saker::python::bind_pool(module);
  saker::python::bind_pictures(module);
  nb::module_::import_("atexit").attr("register")(module.attr("_finish"));
}
