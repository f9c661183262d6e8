// SPDX-License-Identifier: Apache-2.0
// A connection as bytes that are there or not yet: plain TCP and TLS look the same.
#pragma once

#include "net/loop.h"

#include <cstddef>
#include <memory>
#include <span>
#include <string>
#include <string_view>

namespace tally::net {

class TlsContext;
struct PeerCertificate;

/// What one read or write came to.
struct IoResult {
  enum class Kind : unsigned char {
    done,         ///< `bytes` were moved, at least one
    would_block,  ///< nothing now: want_read() or want_write(), then try again
    end,          ///< reading: the other side finished properly
    failed,       ///< the connection is of no use any more; Stream::error() says why
  };
  Kind kind = Kind::would_block;
  std::size_t bytes = 0;
};

/// One connection. Belongs to its loop's thread. Reads and writes never wait. Destroying it closes
/// the connection; no handler is called after that.
class Stream {
 public:
  virtual ~Stream() = default;
  Stream(const Stream&) = delete;
  Stream& operator=(const Stream&) = delete;

  /// Takes what is there, at most `into.size()` bytes.
  [[nodiscard]] virtual IoResult read(std::span<char> into) = 0;
  /// Writes as much as fits now of the pieces, in order. What was not taken must come first in the
  /// next write.
  [[nodiscard]] virtual IoResult write(std::span<const std::string_view> pieces) = 0;
  [[nodiscard]] IoResult write(std::string_view piece) { return write(std::span(&piece, 1)); }

  /// A TLS client's handshake, as far as it goes now: done when it is over, would_block to be
  /// called again when readable. Servers need not call it.
  [[nodiscard]] virtual IoResult handshake() { return {IoResult::Kind::done, 0}; }

  /// Who is told; both wants are one-shot (Watch).
  virtual void set_handler(ReadyHandler* handler) = 0;
  virtual void want_read() = 0;
  virtual void want_write() = 0;

  /// Ends our direction (FIN, with TLS close_notify first); what was written still goes out.
  virtual void finish() = 0;
  /// Whether nothing can be read now and the other side has not closed: what a connection must be
  /// to carry another request.
  [[nodiscard]] virtual bool is_quiet() = 0;
  /// Whether it was so when the loop last asked what is ready, which costs nothing to know. False
  /// where that is not known.
  [[nodiscard]] virtual bool was_quiet() const { return false; }
  /// Whether the other side has closed its direction or the connection, even if bytes before that
  /// have not been read. Asks the kernel.
  [[nodiscard]] bool peer_closed() const;

  /// Lets the kernel hold about so many bytes that the other side has not taken; for who sends a
  /// little for long, to many. What it refuses does no harm.
  void bound_unsent(int bytes) const;

  /// Why the last operation failed, for the operator; holds no data of the connection.
  [[nodiscard]] virtual std::string error() const = 0;
  /// What the other side showed, once the handshake is done; null: nothing, or no TLS.
  [[nodiscard]] virtual std::unique_ptr<PeerCertificate> certificate() const;
  /// Whether bytes are encrypted.
  [[nodiscard]] virtual bool is_tls() const = 0;
  [[nodiscard]] virtual int descriptor() const = 0;

 protected:
  Stream() = default;
};

/// Takes over a connected, non-blocking socket. `loop` must outlive the stream.
[[nodiscard]] std::unique_ptr<Stream> make_tcp_stream(Loop& loop, int descriptor);

/// The same with TLS. As a server the handshake happens inside the first reads. As a client see
/// connector.h, which does it before it hands the stream over; `host` is who the certificate must
/// name (and SNI, unless it is an address).
[[nodiscard]] std::unique_ptr<Stream> make_tls_server(Loop& loop, int descriptor,
                                                      const TlsContext& context);
[[nodiscard]] std::unique_ptr<Stream> make_tls_client(Loop& loop, int descriptor,
                                                      const TlsContext& context,
                                                      const std::string& host);

}  // namespace tally::net
