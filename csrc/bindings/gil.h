#pragma once

#include <pybind11/pybind11.h>

#include "core/float_mode.h"
#include "core/interrupt.h"

namespace tilewright {

/// Gives up the GIL until the end of its life.
///
/// Before Python 3.14 a thread that asks for the GIL while the interpreter is finalizing is ended by
/// pthread_exit, whose unwinding may leave no destructor, such as that of pybind11's gil_scoped_release: the
/// process would abort. A thread that asks here waits for the end of the process.
class ReleasedGil {
  public:
    ReleasedGil() : state_(PyEval_SaveThread()) {}
    ~ReleasedGil() { take(); }
    ReleasedGil(const ReleasedGil&) = delete;
    ReleasedGil& operator=(const ReleasedGil&) = delete;

    /// Takes the GIL for a moment, in which Python's signal handlers run if this is its main thread. Whether
    /// one of them raised an exception, which is left set.
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

/// Calls work(interrupt) without the GIL, with floats as docs/numerics.md wants them. Where a signal handler
/// raises an exception meanwhile, as that of Ctrl-C does, the work is asked to end and the exception is
/// thrown.
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
