/// A message shortcut of the app's manifest: an entry in the menu of each message.
package struct WorkspaceShortcut: Sendable, Hashable {
    /// As the menu shows it.
    package var name: String
    package var callbackID: String

    package init(name: String, callbackID: String) {
        self.name = name
        self.callbackID = callbackID
    }

    /// The shortcuts of Omni's manifest.
    package static let omni = [WorkspaceShortcut(name: "Ask Omni about this", callbackID: "omni_ask_about")]
}
