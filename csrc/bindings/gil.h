#pragma once

#include <pybind11/pybind11.h>

#include "core/float_mode.h"
#include "core/interrupt.h"

namespace tilewright {

/// Releases the GIL for its lifetime.
///
/// Before Python 3.14, pthread_exit ends a thread that requests the GIL during finalisation. Its unwinding
/// must not leave a destructor such as that of pybind11's gil_scoped_release, or the process aborts. With
/// this class, such a thread waits for the end of the process.
class ReleasedGil {
  public:
    ReleasedGil() : state_(PyEval_SaveThread()) {}
    ~ReleasedGil() { take(); }
    ReleasedGil(const ReleasedGil&) = delete;
    ReleasedGil& operator=(const ReleasedGil&) = delete;

    /// Acquires the GIL briefly, so that Python's signal handlers run on the main thread. Returns whether a
    /// handler raised an exception, which remains set.
    bool signalled() {
        take();
        const bool raised = PyErr_CheckSignals() != 0;
        state_ = PyEval_SaveThread();
        return raised;
    }

  private:
    void take();

    PyThreadState* state_;
};

/// Calls work(interrupt) without the GIL, in the floating-point mode of docs/numerics.md. If a signal handler
/// raises an exception meanwhile, as for Ctrl-C, the work is interrupted and the exception is rethrown.
template <typename Work>
void without_gil(const Work& work) {
    bool raised = false;
    {
        ReleasedGil gil;
        const WithFloatMode floats;
        Interrupt interrupt([&] {
            const WithFloatMode host(floats.before());
            return raised = gil.signalled();
        });
        work(interrupt);
    }
    if (raised) {
        throw pybind11::error_already_set();
    }
}

}  // namespace tilewright
