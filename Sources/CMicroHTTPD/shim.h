#pragma once
#include <microhttpd.h>
#include <netinet/in.h>

// MHD_start_daemon is variadic, which Swift cannot call: this wrapper passes the options as MHD's own array.

static inline struct MHD_Daemon *datahub_start_daemon(
    unsigned int flags, uint16_t port, MHD_AccessHandlerCallback handler, void *handler_context,
    struct MHD_OptionItem *options) {
  return MHD_start_daemon(
      flags, port, NULL, NULL, handler, handler_context, MHD_OPTION_ARRAY, options, MHD_OPTION_END);
}
