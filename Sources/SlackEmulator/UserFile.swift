/// A file that a user attaches to a message.
package struct UserFile: Sendable, Hashable {
    /// The most files of one message.
    package static let most = 10

    package let name: String
    /// Not empty: Slack takes no empty file.
    package let bytes: [UInt8]
    /// Whether events have the file's id only (`file_access` is `check_file_info`), as those about files of another
    /// organisation, so that the app must call `files.info`.
    package let needsFileInfo: Bool

    package init(_ name: String, _ bytes: [UInt8], needsFileInfo: Bool = false) {
        self.name = name
        self.bytes = bytes
        self.needsFileInfo = needsFileInfo
    }

    package init(_ name: String, _ text: String) { self.init(name, Array(text.utf8)) }
}
