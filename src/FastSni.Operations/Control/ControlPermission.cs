namespace FastSni.Operations;

/// <summary>
/// Who may ask what. The socket's mode lets in root, the gateway's user and its group; of these the group may only look.
/// </summary>
internal static class ControlPermission
{
    /// <param name="user">The asker's, as the kernel says (SO_PEERCRED).</param>
    /// <param name="ownUser">The gateway's.</param>
    /// <returns>Why not, or null.</returns>
    public static string? Refuse(ControlCommand command, uint user, uint ownUser) =>
        !ControlCommandShape.Of(command).IsChange || MayChange(user, ownUser)
            ? null
            : $"{ControlCommandShape.NameOf(command)} changes the gateway, and only root and the gateway's own user may; others who reach this socket may only look (user id {user})";

    public static bool MayChange(uint user, uint ownUser) => user == 0 || user == ownUser;
}
