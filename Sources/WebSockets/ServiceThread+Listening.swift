import CWebSockets
import Glibc

/// The server role: listens, accepts connections, registers admitted ones.
extension ServiceThread {
    /// Starts to listen. Service thread only.
    ///
    /// - Throws: ``WebSocketError`` `other` for the port, `tls` for the certificate.
    func listen(_ options: ListenOptions, _ lws: LWSContext) throws(WebSocketError) -> WebSocketServer {
        let vhost = try lws.serverHost(options.tls)
        let socket = try ListeningSocket(host: options.host, port: options.port)
        let (connections, feed) = AsyncStream<AcceptedWebSocket>.makeStream(bufferingPolicy: .bufferingOldest(1024))
        let listener = Listener(
            id: newID(), options: options, vhost: vhost, descriptor: socket.descriptor, sockets: feed)
        guard let acceptor = lws.watch(socket.descriptor) else {
            close(socket.descriptor)
            throw WebSocketError(
                .other, "cannot listen on \(options.host):\(socket.port): libwebsockets refused the socket")
        }
        listener.acceptor = acceptor
        listeners[listener.id] = listener
        return WebSocketServer(port: socket.port, connections: connections, id: listener.id, service: self)
    }

    /// Accepts all waiting connections when the listening socket is readable.
    func accept(_ acceptor: OpaquePointer) {
        guard let listener = listeners.values.first(where: { $0.acceptor == acceptor }) else { return }
        while let descriptor = ListeningSocket.accept(listener.descriptor) {
            if let wsi = lws_adopt_socket_vhost(listener.vhost, descriptor) { arrivals[wsi] = listener }
        }
        // Without a free descriptor (or memory) the socket stays readable and this thread would loop; poll again after
        // 100 ms.
        if errno == EMFILE || errno == ENFILE || errno == ENOBUFS || errno == ENOMEM {
            lws_rx_flow_control(acceptor, 0)
            lws_set_timer_usecs(acceptor, 100_000)
        }
    }

    /// Registers an upgrade that was accepted; its ``LWSConnection`` opens when the upgrade is finished.
    func admitted(_ wsi: OpaquePointer, by listener: Listener, request: UpgradeRequest) {
        let connection = LWSConnection(
            state: ConnectionState(id: newID(), service: self), listener: listener, request: request)
        connection.wsi = wsi
        connections[connection.state.id] = connection
        lws_set_opaque_user_data(wsi, connection.tag)
    }

    /// Stops listening, sends 1001 on the listener's open connections and drops those whose upgrade is not finished.
    /// Returns the connections, so that the caller can wait for their end.
    func retire(_ id: UInt64) -> [ConnectionState] {
        guard let listener = listeners[id] else { return [] }
        listener.finish()
        if let acceptor = listener.acceptor { drop(acceptor) }
        for (wsi, origin) in arrivals where origin === listener && lws_get_opaque_user_data(wsi) == nil { drop(wsi) }
        let own = connections.values.filter { $0.arrival?.listener === listener }
        for connection in own { leave(connection) }
        return own.map(\.state)
    }

    /// Forgets a listener and resumes `waiter`, as soon as its port is free.
    func remove(_ id: UInt64, _ waiter: CheckedContinuation<Void, Never>) {
        guard let listener = listeners[id], listener.acceptor != nil else {
            listeners[id] = nil
            return waiter.resume()
        }
        listener.removals.append(waiter)
    }

    /// libwebsockets is about to free this `wsi`, a connection or the watcher of a listening socket.
    func destroyed(_ wsi: OpaquePointer) {
        arrivals[wsi] = nil
        guard let listener = listeners.values.first(where: { $0.acceptor == wsi }) else { return }
        listener.acceptor = nil
        guard !listener.removals.isEmpty else { return }
        listeners[listener.id] = nil
        for waiter in listener.removals { waiter.resume() }
    }

    private func drop(_ wsi: OpaquePointer) {
        lws_set_timeout(wsi, PENDING_TIMEOUT_USER_REASON_BASE, LWS_TO_KILL_ASYNC)
    }
}

/// Called by ``WebSocketServer``.
extension ServiceThread {
    /// ``retire(_:)`` on the service thread; empty if that has exited.
    func retire(listener id: UInt64) async -> [ConnectionState] {
        await withCheckedContinuation { waiter in
            if !post(.retire(id, waiter)) { waiter.resume(returning: []) }
        }
    }

    /// Waits until the listener's port is free, or the service thread has exited.
    func remove(listener id: UInt64) async {
        await withCheckedContinuation { waiter in
            if !post(.remove(id, waiter)) { waiter.resume() }
        }
    }
}
