#pragma once

#include <pybind11/pybind11.h>

namespace tilewright {

/// Registers everything below in a module of any name.
void bind_all(pybind11::module_& m);

void bind_seeds(pybind11::module_& m);
void bind_plan(pybind11::module_& m);
void bind_executor(pybind11::module_& m);
void bind_backends(pybind11::module_& m);
void bind_device(pybind11::module_& m);
void bind_level(pybind11::module_& m);
void bind_apply_palette(pybind11::module_& m);
void bind_picture_codes(pybind11::module_& m);

}  // namespace tilewright
