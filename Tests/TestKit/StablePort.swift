import Foundation

/// A port of 127.0.0.1 for a server that is told which port to use.
package enum StablePort {
    /// A port that was free a moment ago. It is below the ephemeral range (from 32768), so that no other socket gets
    /// it by chance before the server listens, or while the server is stopped.
    package static func choose() throws -> Int {
        for _ in 0..<100 {
            let port = Int.random(in: 20000...32000)
            guard let bound = BoundSocket(port: port) else { continue }
            bound.close()
            return port
        }
        throw PortError(description: "no port from 20000 to 32000 is free")
    }
}

/// A port of 127.0.0.1 that refuses connections: its socket is bound, so that no other socket gets the port, and does
/// not listen.
package struct RefusedPort: Sendable {
    /// The port's number.
    package let number: Int
    private let bound: BoundSocket

    /// Binds a port that the kernel chooses. Throws ``PortError`` when none can be bound.
    package init() throws {
        guard let bound = BoundSocket(port: 0) else { throw PortError(description: "no port: errno \(errno)") }
        self.bound = bound
        number = bound.port
    }

    /// Releases the port. Call it once.
    package func release() { bound.close() }
}

/// No port could be bound.
package struct PortError: Error, CustomStringConvertible {
    package let description: String
}

/// A TCP socket bound to 127.0.0.1; close-on-exec, so that no child keeps the port.
private struct BoundSocket: Sendable {
    let port: Int
    private let descriptor: Int32

    /// - Parameter port: 0 for one that the kernel chooses. nil when the port is taken.
    init?(port: Int) {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        guard descriptor >= 0 else { return nil }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = UInt16(port).bigEndian
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let status = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { raw in
                bind(descriptor, raw, length) == 0 ? getsockname(descriptor, raw, &length) : -1
            }
        }
        guard status == 0 else {
            Glibc.close(descriptor)
            return nil
        }
        self.descriptor = descriptor
        self.port = Int(UInt16(bigEndian: address.sin_port))
    }

    func close() { _ = Glibc.close(descriptor) }
}
