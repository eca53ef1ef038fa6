import CWebSockets
import Foundation

/// The structures that libwebsockets keeps pointers to, and the context made from them.
///
/// Made before the service thread and destroyed by it; in between that thread alone uses it.
final class Library {
    let context: OpaquePointer
    /// The virtual host that outgoing connections belong to; it does not listen.
    private(set) var clientHost: OpaquePointer?

    private let strings = CStrings()
    private let protocols: UnsafeMutablePointer<lws_protocols>
    private let retry: UnsafeMutablePointer<lws_retry_bo_t>

    /// Phases of a connection that libwebsockets would end after 5 s; the deadline of a request rules instead.
    static let phaseSeconds: UInt32 = 60

    init(user: UnsafeMutableRawPointer, caFile: String?) throws(SocketError) {
        LwsLog.install()
        _ = LwsLog.take()
        protocols = .allocate(capacity: 2)
        protocols.initialize(repeating: lws_protocols(), count: 2)
        protocols[0].name = strings.copy("ws")
        protocols[0].callback = serviceCallback
        // The size of the chunks in which payload is reported and buffered writes go on, not a limit of messages.
        protocols[0].rx_buffer_size = 16 << 10
        protocols[0].tx_packet_size = 64 << 10
        // All zero: no pings by the library, which knows whole seconds only and does not report them.
        retry = .allocate(capacity: 1)
        retry.initialize(to: lws_retry_bo_t())
        var info = lws_context_creation_info()
        info.port = -1
        info.protocols = UnsafePointer(protocols)
        info.options = CLWS_OPTION_TLS | CLWS_OPTION_EXPLICIT_VHOSTS
        info.gid = -1
        info.uid = -1
        info.user = user
        info.timeout_secs = Self.phaseSeconds
        info.connect_timeout_secs = Self.phaseSeconds
        info.pt_serv_buf_size = 32 << 10
        info.max_http_header_data = 16 << 10
        info.retry_and_idle_policy = UnsafePointer(retry)
        guard let context = lws_create_context(&info) else {
            protocols.deallocate()
            retry.deallocate()
            throw SocketError(.other, "libwebsockets could not start: \(LwsLog.take() ?? "no reason given")")
        }
        self.context = context
        do {
            clientHost = try makeClientHost(caFile: caFile)
        } catch {
            destroy()
            throw error
        }
    }

    /// The members that every virtual host shares.
    private func hostInfo(name: String, strings: CStrings) -> lws_context_creation_info {
        var info = lws_context_creation_info()
        info.vhost_name = strings.copy(name)
        info.protocols = UnsafePointer(protocols)
        // Without a value here the library would take a proxy from the environment and look its name up on this thread.
        info.http_proxy_address = strings.copy("")
        info.timeout_secs = Self.phaseSeconds
        info.connect_timeout_secs = Self.phaseSeconds
        info.retry_and_idle_policy = UnsafePointer(retry)
        info.alpn = strings.copy("http/1.1")
        return info
    }

    private func makeClientHost(caFile: String?) throws(SocketError) -> OpaquePointer {
        if let caFile, !FileManager.default.isReadableFile(atPath: caFile) {
            throw SocketError(.tls, "the CA file \(caFile) cannot be read")
        }
        var info = hostInfo(name: "client", strings: strings)
        info.port = -1
        info.options = CLWS_OPTION_TLS
        info.client_ssl_ca_filepath = caFile.flatMap { strings.copy($0) }
        _ = LwsLog.take()
        let host = lws_create_vhost(context, &info)
        let complaint = LwsLog.take()
        guard let host, complaint?.contains("client ssl isn't going to work") != true else {
            throw SocketError(.tls, "the TLS client could not be set up: \(complaint ?? "no reason given")")
        }
        return host
    }

    func listen(_ listener: Listener) throws(SocketError) -> OpaquePointer {
        let options = listener.options
        var info = hostInfo(name: "server-\(listener.id)", strings: listener.strings)
        info.iface = listener.strings.copy(options.host)
        info.port = Int32(clamping: options.port)
        info.options = CLWS_OPTION_FAIL_UNBOUND
        if !options.host.contains(":") { info.options |= CLWS_OPTION_DISABLE_IPV6 }
        if let tls = options.tls {
            info.options |= CLWS_OPTION_TLS
            info.ssl_cert_filepath = listener.strings.copy(tls.certificate)
            info.ssl_private_key_filepath = listener.strings.copy(tls.key)
        }
        _ = LwsLog.take()
        guard let host = lws_create_vhost(context, &info) else {
            let reason = LwsLog.take() ?? "no reason given"
            throw SocketError(
                options.tls == nil ? .other : .tls, "cannot listen on \(options.host):\(options.port): \(reason)")
        }
        return host
    }

    /// Starts to connect; the outcome comes by callbacks, or nil when it failed at once.
    func connect(_ link: Link, _ attempt: OpenAttempt) -> OpaquePointer? {
        let strings = CStrings()
        var info = lws_client_connect_info()
        info.context = context
        info.vhost = clientHost
        info.address = strings.copy(attempt.address)
        info.port = Int32(attempt.url.port)
        info.path = strings.copy(attempt.url.target)
        // Host header, SNI and the name in the certificate all come from here, not from the address.
        info.host = strings.copy(attempt.url.authority)
        info.ietf_version_or_minus_one = -1
        info.alpn = strings.copy("http/1.1")
        info.opaque_user_data = Unmanaged.passUnretained(link).toOpaque()
        info.ssl_connection = Int32(LCCSCF_HTTP_NO_FOLLOW_REDIRECT.rawValue)
        if attempt.url.isSecure { info.ssl_connection |= Int32(LCCSCF_USE_SSL.rawValue) }
        return lws_client_connect_via_info(&info)
    }

    /// Closes whatever is left; callbacks come from inside. The library must not be used any more.
    func destroy() {
        lws_context_destroy(context)
        protocols.deallocate()
        retry.deallocate()
    }
}
