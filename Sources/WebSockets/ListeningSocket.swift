import CWebSockets
import Glibc

/// A listening TCP socket, which this module creates and accepts from itself.
///
/// libwebsockets 4.1 cannot close a listening socket before its context is destroyed (`lws_vhost_destroy1` never marks
/// the virtual host), and shares one socket between virtual hosts with the same port.
struct ListeningSocket {
    let descriptor: Int32
    let port: Int

    /// Binds and listens, with a backlog of 1,024.
    ///
    /// - Parameters:
    ///   - host: a numeric address.
    ///   - port: 0 for any free port.
    /// - Throws: ``WebSocketError`` `other`.
    init(host: String, port: Int) throws(WebSocketError) {
        var hints = addrinfo()
        hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
        hints.ai_flags = AI_NUMERICHOST | AI_NUMERICSERV | AI_PASSIVE
        var list: UnsafeMutablePointer<addrinfo>?
        guard (0...65535).contains(port), getaddrinfo(host, "\(port)", &hints, &list) == 0, let info = list?.pointee
        else { throw WebSocketError(.other, "cannot listen on \(host):\(port): not a numeric address and port") }
        defer { freeaddrinfo(list) }
        let kind = Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue | SOCK_NONBLOCK.rawValue)
        let descriptor = socket(info.ai_family, kind, 0)
        var yes: Int32 = 1
        setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &yes, socklen_t(MemoryLayout<Int32>.size))
        guard descriptor >= 0, bind(descriptor, info.ai_addr, info.ai_addrlen) == 0, listen(descriptor, 1024) == 0
        else {
            let reason = String(cString: strerror(errno))
            if descriptor >= 0 { close(descriptor) }
            throw WebSocketError(.other, "cannot listen on \(host):\(port): \(reason)")
        }
        self.descriptor = descriptor
        self.port = Self.port(of: descriptor)
    }

    /// Accepts the next connection, non-blocking and without Nagle's delay; nil with `errno` set if there is none.
    static func accept(_ descriptor: Int32) -> Int32? {
        let accepted = clws_accept(descriptor)
        guard accepted >= 0 else { return nil }
        var yes: Int32 = 1
        setsockopt(accepted, Int32(IPPROTO_TCP), TCP_NODELAY, &yes, socklen_t(MemoryLayout<Int32>.size))
        return accepted
    }

    private static func port(of descriptor: Int32) -> Int {
        var address = sockaddr_in6()
        var size = socklen_t(MemoryLayout<sockaddr_in6>.size)
        // sockaddr_in and sockaddr_in6 have the port at the same offset.
        let found = withUnsafeMutableBytes(of: &address) { bytes in
            getsockname(descriptor, bytes.assumingMemoryBound(to: sockaddr.self).baseAddress, &size)
        }
        return found == 0 ? Int(UInt16(bigEndian: address.sin6_port)) : 0
    }
}
