/// A WebSocket that a client opened to a ``WebSocketServer``, with its upgrade request.
package struct AcceptedWebSocket: Sendable {
    /// The open connection. The holder owns it: it is aborted when the last reference is released.
    package let socket: WebSocket
    /// The request that ``ListenOptions/onUpgrade`` accepted.
    package let request: UpgradeRequest
}
