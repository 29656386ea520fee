DELETE FROM role_holders;
