/// The address that opens a message in Slack's clients, as `chat.getPermalink` returns it, without a call.
enum MessageLink {
    /// - Parameters:
    ///   - workspace: the workspace's address with a slash at its end (`auth.test`, `url`).
    ///   - thread: ts of the root of the message's thread; nil outside threads.
    static func url(workspace: String, channel: String, ts: String, thread: String? = nil) -> String {
        let message = "\(workspace)archives/\(channel)/p\(ts.filter { $0 != "." })"
        guard let thread, thread != ts else { return message }
        return "\(message)?thread_ts=\(thread)&cid=\(channel)"
    }
}
