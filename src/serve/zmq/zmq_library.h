// libzmq, which is loaded when an endpoint is asked for: a server without one needs neither it nor the dozen libraries
// that it brings.
#pragma once

#include <dlfcn.h>
#include <saker/result.h>
#include <zmq.h>

#include <string>

namespace saker::serve {

// The functions have the names and the types that <zmq.h> declares. Never unloaded.
class ZmqLibrary {
 public:
  // kUnsupported: it is not on this machine.
  static Result<const ZmqLibrary*> get() {
    static const ZmqLibrary library;
    if (!library.missing_.empty()) {
      return Error{ErrorCode::kUnsupported, "ZeroMQ is spoken by " SAKER_ZMQ_LIBRARY ", which cannot be loaded (" +
                                                library.missing_ + "); install it (Debian: libzmq5)"};
    }
    return &library;
  }

 private:
  template <typename Function>
  Function* find(const char* name) {
    void* const found = handle_ == nullptr ? nullptr : dlsym(handle_, name);
    if (found == nullptr && missing_.empty()) {
      const char* const why = dlerror();
      missing_ = why == nullptr ? "no reason given" : why;
    }
    return reinterpret_cast<Function*>(found);
  }

  void* const handle_ = dlopen(SAKER_ZMQ_LIBRARY, RTLD_NOW | RTLD_LOCAL);
  std::string missing_;

 public:
#define SAKER_ZMQ_FUNCTION(name) decltype(::zmq_##name)* const name = find<decltype(::zmq_##name)>("zmq_" #name)
  SAKER_ZMQ_FUNCTION(ctx_new);
  SAKER_ZMQ_FUNCTION(ctx_term);
  SAKER_ZMQ_FUNCTION(socket);
  SAKER_ZMQ_FUNCTION(close);
  SAKER_ZMQ_FUNCTION(bind);
  SAKER_ZMQ_FUNCTION(connect);
  SAKER_ZMQ_FUNCTION(setsockopt);
  SAKER_ZMQ_FUNCTION(getsockopt);
  SAKER_ZMQ_FUNCTION(msg_init);
  SAKER_ZMQ_FUNCTION(msg_recv);
  SAKER_ZMQ_FUNCTION(msg_data);
  SAKER_ZMQ_FUNCTION(msg_size);
  SAKER_ZMQ_FUNCTION(msg_more);
  SAKER_ZMQ_FUNCTION(msg_close);
  SAKER_ZMQ_FUNCTION(send);
  SAKER_ZMQ_FUNCTION(poll);
  SAKER_ZMQ_FUNCTION(strerror);
#undef SAKER_ZMQ_FUNCTION
};

}  // namespace saker::serve
